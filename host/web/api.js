// Calls to the office, and its live stream.

import { has, language, t } from "./words.js";

const ROOT = "/api/v1/";
const PATIENCE_MS = 15000;
export const session = { csrf: null, scopes: new Set() };

// connection.since: when it was lost, or null; connection.fresh: when the office last answered.
export const connection = { since: null, fresh: null, changed: () => {} };

// Called when the office no longer knows who was logged in here.
export const expiry = { ended: () => {} };

export class Problem {
	constructor(status, body) {
		this.status = status;
		this.body = body ?? {};
		this.word = (this.body.type ?? "").split(":").pop();
		this.pointer = this.body.pointer;
		this.detail = this.body.detail ?? this.body.title ?? t("error.status", status);
	}
}

function heard(alive) {
	const was = connection.since;
	if (alive) {
		connection.since = null;
		connection.fresh = new Date();
	} else {
		connection.since ??= connection.fresh ?? new Date();
	}
	if (Boolean(was) === alive) {
		connection.changed(alive);
	}
}

// Whoever logs in again in another tab has a new session, and this page the old one's word.
async function isStillHere() {
	const { account, csrf } = await call("GET", "session");
	const same = account === session.account && csrf !== session.csrf;
	if (same) {
		session.csrf = csrf;
	}
	return same;
}

export async function call(method, path, body, { type = "application/json", as = "json" } = {}) {
	const headers = { Accept: "application/json, application/problem+json", "Accept-Language": language() };
	if (method !== "GET" && session.csrf) {
		headers["X-Loquet-CSRF"] = session.csrf;
	}
	if (body !== undefined) {
		headers["Content-Type"] = type;
	}
	let answer;
	try {
		answer = await fetch(ROOT + path, {
			method, headers, cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS),
			body: body === undefined ? undefined : type === "application/json" ? JSON.stringify(body) : body,
		});
	} catch {
		heard(false);
		throw new Problem(0, { detail: t("error.unreachable") });
	}
	heard(true);
	if (answer.status === 401 && session.account && path !== "session") {
		expiry.ended();
	}
	if (!answer.ok) {
		const problem = new Problem(answer.status, await answer.json().catch(() => null));
		if (problem.word === "csrf" && await isStillHere()) {
			return call(method, path, body, { type, as });
		}
		throw problem;
	}
	if (as === "blob") {
		return answer.blob();
	}
	return answer.status === 204 ? null : answer.json().catch(() => null);
}

const SETTLE_MS = 12000;
const LOOK_MS = 1000;

// Resolved when the stream tells of commands; where it is interrupted, somebody looks all the same.
let told = () => {};

function newsOfCommands() {
	return new Promise((done) => {
		told = done;
		setTimeout(done, LOOK_MS);
	});
}

// Doors speak the language of their board: what they say is known by their words, or by its reason.
const DOORS_SAY = {
	"the door is blocked or locked down: set another mode first": "locked",
	"la porte est condamnée ou en confinement : changer d’abord son mode": "locked",
	"another enrolment waits for its badge: try again when it has ended": "busy",
	"un autre enrôlement attend son badge : réessayer quand il sera terminé": "busy",
	"uid.key is lost: restore it from the backup and restart loquetd": "blind",
	"uid.key est perdu : le restaurer depuis la sauvegarde et redémarrer loquetd": "blind",
	"there is no such reader at this door": "reader",
	"cette porte n’a pas de tel lecteur": "reader",
};

function refusalText({ text, reason }) {
	const key = ["says." + DOORS_SAY[text], "refusal." + reason].find(has);
	return key ? t(key) : text ?? reason ?? "";
}

// Sends a command to a door and waits for what became of it; whatever was not done is a Problem.
export async function command(path, body, patience = SETTLE_MS) {
	let news = newsOfCommands();
	let sent = await call("POST", path, body);
	const until = Date.now() + patience;
	while (sent?.state === "waiting" || sent?.state === "taken") {
		if (Date.now() > until) {
			break;
		}
		await news;
		news = newsOfCommands();
		sent = await get("commands/" + encodeURIComponent(sent.id));
	}
	if (sent?.state && sent.state !== "done") {
		throw new Problem(0, { detail: sent.state === "refused" ? t("command.refused", refusalText(sent)) : t("command.silent") });
	}
}

export const get = (path) => call("GET", path);

// Every item of a list, page by page, up to so many pages.
export async function all(path, pages = 20) {
	const items = [];
	let after = null;
	for (let page = 0; page < pages; page++) {
		const part = await get(path + (after ? (path.includes("?") ? "&" : "?") + "after=" + encodeURIComponent(after) : ""));
		items.push(...part.items);
		after = part.next;
		if (!after) {
			break;
		}
	}
	return items;
}

export function query(values) {
	const found = Object.entries(values).filter(([, value]) => value !== "" && value !== null && value !== undefined);
	return found.length ? "?" + new URLSearchParams(found) : "";
}

export function link(path) {
	return ROOT + path;
}

let source = null;
let retry = 1000;
const TOPICS = ["now", "doors", "people", "visits", "alarms", "muster", "events", "rules", "settings", "commands"];

// Listens until stopped; on(topic, data) for each message. After a silence everything counts as
// changed: on("*").
export function listen(on) {
	stopListening();
	let lost = false;
	source = new EventSource(ROOT + "stream");
	source.onopen = () => {
		retry = 1000;
		heard(true);
		if (lost) {
			on("*", {});
		}
		lost = false;
	};
	source.onerror = () => {
		lost = true;
		heard(false);
		if (source && source.readyState === EventSource.CLOSED) {
			// Refused, not only interrupted: the browser gives up, the page does not.
			stopListening();
			retry = Math.min(retry * 2, 30000);
			timer = setTimeout(() => {
				listen(on);
				on("*", {});
			}, retry);
		}
	};
	for (const topic of TOPICS) {
		source.addEventListener(topic, (event) => {
			heard(true);
			if (topic === "commands") {
				told();
			}
			let data = {};
			try {
				data = JSON.parse(event.data);
			} catch {
				// Without words of its own it still says that something changed.
			}
			on(topic, data);
		});
	}
}

let timer = null;

export function stopListening() {
	clearTimeout(timer);
	if (source) {
		source.close();
		source = null;
	}
}
