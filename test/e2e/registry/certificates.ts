/** Certificates by the openssl program, in a folder of the caller's. */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Paths of PEM files. */
export interface Certificate {
	readonly certificate: string;
	readonly key: string;
}

/** A certificate authority of our own, good for two days. */
export async function makeAuthority(folder: string): Promise<Certificate> {
	const [certificate, key] = [join(folder, "ca.pem"), join(folder, "ca-key.pem")];
	const subject = ["-subj", "/CN=Test authority", "-days", "2"];
	await run("openssl", [
		"req",
		"-x509",
		"-newkey",
		"rsa:2048",
		"-nodes",
		...subject,
		"-keyout",
		key,
		"-out",
		certificate,
	]);
	return { certificate, key };
}

/** A server's certificate from that authority. `names` as openssl wants them: `DNS:registry.test,IP:127.0.0.1`. */
export async function makeCertificate(folder: string, authority: Certificate, names: string): Promise<Certificate> {
	const at = (name: string): string => join(folder, name);
	const [certificate, key] = [at("server.pem"), at("server-key.pem")];
	await writeFile(at("extensions"), `subjectAltName=${names}\nbasicConstraints=CA:FALSE\n`);
	const request = [
		"req",
		"-newkey",
		"rsa:2048",
		"-nodes",
		"-subj",
		"/CN=registry",
		"-keyout",
		key,
		"-out",
		at("request"),
	];
	await run("openssl", request);
	const signer = ["-CA", authority.certificate, "-CAkey", authority.key, "-CAcreateserial"];
	const what = ["-in", at("request"), "-out", certificate, "-days", "2", "-extfile", at("extensions")];
	await run("openssl", ["x509", "-req", ...signer, ...what]);
	return { certificate, key };
}
