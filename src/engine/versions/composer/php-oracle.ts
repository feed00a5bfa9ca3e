import { firstPresent } from "../native-oracle.ts";

const program = String.raw`
@include "Composer/Semver/autoload.php";
if (!class_exists("Composer\\Semver\\Semver")) exit(1);
$parser = new Composer\Semver\VersionParser();
function satisfies($version, $constraint) {
	$answers = array_map(fn($part) => Composer\Semver\Semver::satisfies($version, $part), preg_split("{\|\|?}", $constraint));
	return in_array(true, $answers, true) ? "true" : "false";
}
while (($line = fgets(STDIN)) !== false) {
	[$kind, $a, $b] = explode("\t", rtrim($line, "\n"));
	try {
		if ($kind === "order") echo version_compare($parser->normalize($a), $parser->normalize($b)), "\n";
		else echo satisfies($a, $b), "\n";
	} catch (UnexpectedValueException $e) {
		echo "malformed\n";
	}
}
`;

/**
 * Composer's own classes under PHP (Debian's php-cli and php-composer-semver); null where they are not. Alternatives are
 * asked one by one: Composer 3.3 joins those that touch, and errs where one of them is empty (`3 - 1 || 1.*`).
 */
export const php = firstPresent([{ command: "php", args: ["-r", program] }]);
