/** Reads request bodies: JSON only, not nested without end, no property that reaches for an object's prototype. */
import type { App } from "../app.ts";
import { ServerError } from "../errors.ts";

/** Nothing that the API takes nests deeper than six. */
const deepest = 32;

/** `application/json` and what is JSON under a name of its own, as the notifications of registries are. */
const jsonTypes = /^application\/(?:[\w.+-]+\+)?json(?:\s*;|$)/i;

export function readJsonBodies(app: App): void {
	const parse = app.getDefaultJsonParser("error", "error");
	app.removeAllContentTypeParsers();
	app.addContentTypeParser(jsonTypes, { parseAs: "string" }, (request, body, done) => {
		const text = String(body);
		// Clients send the header along with requests that have no body.
		if (text === "") done(null, undefined);
		else if (isTooDeep(text)) done(refused(`The request's body is nested deeper than ${deepest} levels.`));
		else
			void parse(request, text, (error, value) => {
				if (error)
					done(refused("The request's body is not JSON, or uses a property name that is refused (`__proto__`)."));
				else done(null, value);
			});
	});
}

function refused(message: string): ServerError {
	return new ServerError("invalid_request", message, "Send what docs and /api/v1/openapi.json describe, as JSON.");
}

/** Counts brackets outside of strings: right for all JSON, and what is no JSON is refused by the parser. */
function isTooDeep(text: string): boolean {
	let depth = 0;
	let inString = false;
	for (let at = 0; at < text.length; at++) {
		const code = text.charCodeAt(at);
		if (inString) {
			if (code === 0x5c) at++;
			else if (code === 0x22) inString = false;
		} else if (code === 0x22) inString = true;
		else if (code === 0x5b || code === 0x7b) {
			if (++depth > deepest) return true;
		} else if (code === 0x5d || code === 0x7d) depth--;
	}
	return false;
}
