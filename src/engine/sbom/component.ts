import { isOsPackageType, type Package } from "#model";
import { isPlain, nameOf, sourceOf, versionOf } from "./naming.ts";
import { distributionId } from "./operating-system.ts";
import { type Purl, packageTypeOf, parsePurl } from "./purl.ts";
import type { Component } from "./types.ts";

export interface ReadComponent {
	readonly component: Component;
	readonly purl: Purl;
	readonly pkg: Package;
	readonly paths: readonly string[];
	/** os-release `ID` by the purl's namespace; empty when it has none. */
	readonly distribution: string;
	/** Whether the document tells the source package. */
	readonly tellsSource: boolean;
}

/** Purls of things that hold packages, or that only tools use: the packages within are listed for themselves. */
const containers: ReadonlySet<string> = new Set(["oci", "docker"]);

/** The package that a component is; or in words the kind of thing that it is instead, empty for what hides nothing. */
export function readComponent(component: Component, path: string): ReadComponent | string {
	if (component.purl === "") return "without a package URL";
	const purl = parsePurl(component.purl);
	if (!purl) return "with a malformed package URL";
	if (containers.has(purl.type)) return "";
	const type = packageTypeOf(purl.type);
	if (type === null) return isPlain(purl.type) && purl.type.length <= 32 ? purl.type : "of other kinds";
	const name = nameOf(type, purl, component);
	const version = versionOf(type, purl, component);
	if (name === "" || !isPlain(name) || !isPlain(version)) return "with a malformed name or version";
	// The key that signs packages, which rpm keeps among them.
	if (type === "rpm" && name === "gpg-pubkey") return "";
	const isOs = isOsPackageType(type);
	const source = sourceOf(type, purl, component, version);
	const usable = source && isPlain(source.name) && isPlain(source.version) ? source : null;
	const arch = purl.qualifiers.get("arch") ?? "";
	const modularity =
		component.facts.modularity ?? purl.qualifiers.get("modularitylabel") ?? purl.qualifiers.get("rpmmod");
	const paths = component.facts.paths?.filter(isPlain) ?? [];
	return {
		component,
		purl,
		pkg: {
			type,
			name,
			version,
			...(isOs && arch !== "" && isPlain(arch) ? { arch } : {}),
			...sourceField(type, usable, name, version),
			...(type === "rpm" && modularity && isPlain(modularity) ? { modularity } : {}),
			path: paths[0] ?? path,
		},
		paths: paths.length > 0 ? paths : [path],
		distribution: isOs && purl.namespace !== "" ? distributionId(purl.namespace) : "",
		tellsSource: usable !== null,
	};
}

/** dpkg and apk leave the source package out where it is the package itself. */
function sourceField(
	type: Package["type"],
	source: Package["source"] | null,
	name: string,
	version: string,
): Pick<Package, "source"> {
	if (source) return { source };
	return type === "deb" || type === "apk" ? { source: { name, version } } : {};
}
