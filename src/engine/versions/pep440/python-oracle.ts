import { firstPresent } from "../native-oracle.ts";

const program = `
import sys
try:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion, Version
except ImportError:
    from pip._vendor.packaging.specifiers import InvalidSpecifier, SpecifierSet
    from pip._vendor.packaging.version import InvalidVersion, Version

def order(a, b):
    a, b = Version(a), Version(b)
    return (a > b) - (a < b)

def holds(spec, version):
    if spec.operator in ("<", ">"):
        public, bound = Version(version.public), Version(spec.version)
        return public < bound if spec.operator == "<" else public > bound
    return spec.contains(version, prereleases=True)

def satisfies(version, constraint):
    return str(all(holds(spec, Version(version)) for spec in SpecifierSet(constraint))).lower()

for line in sys.stdin:
    kind, a, b = line.rstrip("\\n").split("\\t")
    try:
        print(order(a, b) if kind == "order" else satisfies(a, b))
    except (InvalidVersion, InvalidSpecifier):
        print("malformed")
`;

/**
 * Python's own `packaging` (Debian's python3-packaging, or the copy inside pip), `<` and `>` being taken as plain
 * comparisons; null where neither is.
 */
export const python = firstPresent(
	["python3", "/usr/bin/python3"].map((command) => ({ command, args: ["-c", program] })),
);
