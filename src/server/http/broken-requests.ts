/** What is so broken that it is no HTTP request never reaches a route: it is answered on the socket itself. */
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Problem } from "#contract";
import { ServerError } from "../errors.ts";
import { problemOf } from "../problem.ts";

interface SocketError extends Error {
	readonly code?: string;
}

export function answerBrokenRequest(error: SocketError, socket: Socket): void {
	// Nobody is there to answer.
	if (error.code === "ECONNRESET" || socket.destroyed) return;
	const [status, problem] = problemFor(error.code);
	if (!socket.writable) {
		socket.destroy();
		return;
	}
	const body = JSON.stringify({ ...problem, status });
	const head = [
		`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Error"}`,
		"content-type: application/problem+json",
		`content-length: ${Buffer.byteLength(body)}`,
		"x-content-type-options: nosniff",
		"connection: close",
	];
	socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

function problemFor(code: string | undefined): readonly [number, Problem] {
	const problem = (message: string, hint: string) => problemOf(new ServerError("invalid_request", message, hint));
	if (code === "HPE_HEADER_OVERFLOW")
		return [431, problem("The request's headers are larger than 16 KiB.", "Send fewer or smaller ones.")];
	if (code === "ERR_HTTP_REQUEST_TIMEOUT")
		return [408, problem("The request did not arrive whole in time.", "Send it again.")];
	return [400, problem("This is no HTTP request.", "Speak HTTP/1.1.")];
}
