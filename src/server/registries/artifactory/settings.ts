import { ServerError } from "../../errors.ts";
import { checkRepositories, type RegistrySettings } from "../access/settings.ts";

/** @throws ServerError unprocessable */
export function checkArtifactory({ credentialKind, repositories, preset }: RegistrySettings): void {
	if (credentialKind === "aws")
		throw new ServerError(
			"unprocessable",
			"An AWS access key is nothing that Artifactory takes.",
			"Give a user name and password, or an access token.",
		);
	if (preset !== "generic")
		throw new ServerError(
			"unprocessable",
			"Artifactory has no presets.",
			"Leave the preset out, or choose another kind.",
		);
	checkRepositories(repositories, (name) => name.includes("/"), "docker-local/team/app");
}
