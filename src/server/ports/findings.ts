import type {
	FindingQuery,
	Id,
	KnownPackage,
	ListedFinding,
	ListedPackage,
	ListedVulnerability,
	PackageQuery,
	PageOf,
	VulnerabilityDetails,
	VulnerabilityQuery,
} from "#contract";
import type { Sight } from "./sight.ts";

/**
 * What images hold and what is wrong with it, as far as `sight` reaches. What is outside of it is null. Lists throw
 * `invalid_request` for a sort that they do not know and a cursor that they did not make.
 */
export interface FindingStore {
	/** Of an index: each vulnerability of a package version once, with the platforms that have it. */
	findings(artifactId: Id, query: FindingQuery, sight: Sight): Promise<PageOf<ListedFinding> | null>;
	packages(artifactId: Id, query: PackageQuery, sight: Sight): Promise<PageOf<ListedPackage> | null>;
	vulnerabilities(query: VulnerabilityQuery, sight: Sight): Promise<PageOf<ListedVulnerability>>;
	/** By its id or an alias; null also when no visible image has it. */
	vulnerability(id: string, sight: Sight): Promise<VulnerabilityDetails | null>;
	/** Package versions that visible images hold; `q` is the beginning of a name. */
	knownPackages(query: PackageQuery, sight: Sight): Promise<PageOf<KnownPackage>>;
}
