import { firstPresent } from "../native-oracle.ts";

const program = `
STDIN.each_line do |line|
  kind, a, b = line.chomp.split("\\t", -1)
  begin
    if kind == "order"
      puts Gem::Version.new(a) <=> Gem::Version.new(b)
    else
      puts Gem::Requirement.new(*b.split(",")).satisfied_by?(Gem::Version.new(a))
    end
  rescue ArgumentError
    puts "malformed"
  end
end
`;

/** RubyGems itself; null where there is no ruby. */
export const ruby = firstPresent([{ command: "ruby", args: ["-e", program] }]);
