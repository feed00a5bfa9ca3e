/** Small images whose findings the starter set of advisories knows. */
import { buildImage, file } from "#engine/testing";
import type { Blob, Image } from "../registry/images.ts";

/** An image with lodash 4.17.20 and minimist 1.2.5, and a file that makes it another image for each `mark`. */
export function layoutImage(mark: string, architecture = "amd64"): Image {
	const packages = { lodash: "4.17.20", minimist: "1.2.5" };
	const built = buildImage({
		platform: { os: "linux", architecture },
		layers: [
			{
				createdBy: "COPY app /srv/app # buildkit",
				tar: Object.entries(packages).map(([name, version]) =>
					file(`srv/app/node_modules/${name}/package.json`, JSON.stringify({ name, version })),
				),
			},
			{ createdBy: "COPY mark /mark # buildkit", tar: [file("mark", `${mark} ${architecture}`)] },
		],
	});
	const blob = (descriptor: Blob["descriptor"]): Blob => ({
		descriptor,
		bytes: built.blobs.get(descriptor.digest) ?? Buffer.alloc(0),
	});
	return {
		manifest: blob(built.manifest),
		config: blob(built.config),
		layers: built.layers.map(({ descriptor }) => blob(descriptor)),
	};
}
