/** Hosted registries that speak the distribution API, each with ways of its own: one row each, no code that asks which. */
import type { RegistryCredentials, RegistryPreset } from "#contract";
import type { Credentials } from "#engine";

type CredentialKind = RegistryCredentials["kind"];

export interface Preset {
	readonly name: string;
	/** Kinds of credentials it takes; others are refused when the registry is saved. */
	readonly credentialKinds: readonly CredentialKind[];
	/** What a token alone becomes. */
	readonly token: (token: string) => Credentials;
	/** Where the API is, for hosts that are named otherwise. */
	readonly apiHosts: Readonly<Record<string, string>>;
	/** Whether it lists its repositories: `closed` is not even asked. */
	readonly catalog: "ask" | "closed";
	/** The whole name of a repository. */
	readonly repository: (name: string) => string;
	/** Hosts it is found at; others are refused, null: any. */
	readonly hosts: RegExp | null;
	/** For people whose credentials are of another kind, or whose host is another. */
	readonly hint: string;
}

const asPassword =
	(username: string) =>
	(token: string): Credentials => ({ kind: "password", username, password: token });
const asBearer = (token: string): Credentials => ({ kind: "bearer", token });
const asItIs = (name: string): string => name;

const usual: Preset = {
	name: "a registry",
	credentialKinds: ["password", "token"],
	token: asBearer,
	apiHosts: {},
	catalog: "ask",
	repository: asItIs,
	hosts: null,
	hint: "Give a user name and password, or a token.",
};

export const presets: Readonly<Record<RegistryPreset, Preset>> = {
	generic: usual,
	"docker-hub": {
		...usual,
		name: "Docker Hub",
		credentialKinds: ["password"],
		apiHosts: {
			"docker.io": "registry-1.docker.io",
			"index.docker.io": "registry-1.docker.io",
			"hub.docker.com": "registry-1.docker.io",
		},
		catalog: "closed",
		repository: (name) => (name.includes("/") ? name : `library/${name}`),
		hint: "Give the user name, and an access token as its password.",
	},
	// Any user name goes with a personal access token.
	ghcr: {
		...usual,
		name: "GitHub's registry",
		token: asPassword("token"),
		catalog: "closed",
		hint: "Give a personal access token with the right read:packages.",
	},
	quay: {
		...usual,
		name: "Quay",
		token: asPassword("$oauthtoken"),
		hint: "Give a robot account's name and password, or an OAuth token.",
	},
	ecr: {
		...usual,
		name: "Amazon ECR",
		credentialKinds: ["aws"],
		hosts:
			/^\d{12}\.dkr(?:\.ecr(?:-fips)?|-ecr(?:-fips)?)\.[a-z0-9-]+\.(?:amazonaws\.com(?:\.cn)?|on\.aws|on\.amazonwebservices\.com\.cn)$/,
		hint: "The host is ACCOUNT.dkr.ecr.REGION.amazonaws.com; give an access key of an IAM user who may read it.",
	},
	// A refresh token stands for nobody by name.
	acr: {
		...usual,
		name: "Azure's registry",
		token: (token) => ({ kind: "identity", username: "00000000-0000-0000-0000-000000000000", password: "", token }),
		hint: "Give a service principal's or token's name and password, or a refresh token.",
	},
	gar: {
		...usual,
		name: "Google's registry",
		token: asPassword("oauth2accesstoken"),
		hint: "Give _json_key and the service account's key as user name and password, or an access token.",
	},
};
