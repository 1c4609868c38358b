// The page: who is logged in, which view is shown, and what is live.

import { button, h, icon, show } from "./dom.js";
import { call, connection, expiry, get, listen, session, stopListening } from "./api.js";
import { language, languageChosen, languages, setLanguage, t, word } from "./words.js";
import { clock, setZone, time } from "./when.js";
import { who } from "./who.js";
import { firstRun, login, ownPassword } from "./view_login.js";
import now from "./view_now.js";
import visits from "./view_visits.js";
import members from "./view_members.js";
import visitors from "./view_visitors.js";
import rules from "./view_rules.js";
import events from "./view_events.js";
import figures from "./view_figures.js";
import doors from "./view_doors.js";
import evacuation, { forget, remember, sendAs } from "./view_evacuation.js";
import settings from "./view_settings.js";

const VIEWS = { now, visits, members, visitors, rules, events, figures, doors, evacuation, settings };
const RENEW_MS = 60000;
const PAUSE_MS = 500; // the least between two renewals
const DOORS_MS = 2000;

const main = document.querySelector("main");
const top = document.querySelector("#top");
const navigation = document.querySelector("#navigation");
const line = document.querySelector("#connection");
const news = document.querySelector("#news");

// How many doors are connected, of how many; null before it is known.
const doorsSeen = { of: null, connected: 0, broker: true, timer: null, turn: 0 };

// What is shown: the view's own state, and a number that grows with each route.
const at = { name: null, view: null, route: 0, state: null };

export function say(text) {
	news.textContent = "";
	// A second line that reads the same must be heard too.
	setTimeout(() => {
		news.textContent = text;
	}, 50);
}

function allowed(view) {
	return view.scopes.some((scope) => session.scopes.has(scope));
}

function parts() {
	const [path, search] = location.hash.replace(/^#\/?/, "").split("?");
	return { path: path.split("/").filter(Boolean).map(decodeURIComponent), search: new URLSearchParams(search ?? "") };
}

// What is shown is only as live as the doors are.
function liveSign() {
	if (!doorsSeen.broker) {
		return h("span", { class: "live away" }, icon("off"), t("connection.no_broker"));
	}
	if (doorsSeen.of && doorsSeen.connected < doorsSeen.of) {
		return h("span", { class: "live away" }, icon("off"), doorsSeen.connected ? t("connection.some_doors", doorsSeen.of - doorsSeen.connected, doorsSeen.of)
			: t("connection.no_door"));
	}
	return h("span", { class: "live" }, icon("ok"), t("connection.live"));
}

// A burst of news about doors is one look at them.
function lookAtDoors() {
	if (!session.scopes.has("now") || doorsSeen.timer) {
		return;
	}
	const { turn } = doorsSeen;
	doorsSeen.timer = setTimeout(async () => {
		doorsSeen.timer = null;
		const answer = await get("doors").catch(() => null);
		if (answer && turn === doorsSeen.turn) {
			const { items, broker } = answer;
			Object.assign(doorsSeen, { of: items.length, connected: items.filter((door) => door.online !== false).length, broker });
			drawTop();
		}
	}, DOORS_MS);
}

function forgetDoors() {
	clearTimeout(doorsSeen.timer);
	Object.assign(doorsSeen, { of: null, connected: 0, broker: true, timer: null, turn: doorsSeen.turn + 1 });
}

function drawTop() {
	document.documentElement.lang = language();
	document.querySelector("#skip").textContent = t("skip");
	navigation.setAttribute("aria-label", t("navigation"));
	show(top,
		session.account && h("button", {
			type: "button", class: "menu", "aria-controls": "navigation",
			"aria-expanded": String(navigation.classList.contains("open")), onclick: toggleMenu,
		}, icon("menu"), h("span", null, t("menu"))),
		h("p", { class: "space" }, session.space || "Loquet"),
		h("div", { class: "who" },
			h("ul", { class: "languages", "aria-label": t("language") }, languages.map(([code, own]) =>
				h("li", { lang: code }, h("button", {
					type: "button", "aria-pressed": String(code === language()), onclick: () => chooseLanguage(code),
				}, code.toUpperCase(), h("span", { class: "unseen" }, " ", own))))),
			session.account && connection.since === null && liveSign(),
			session.account && h("button", {
				type: "button", class: "account", "aria-label": `${session.account} ${word("role", session.role)}, ${t("password.title")}`, onclick: changePassword,
			}, session.account, " ", h("span", { class: "role" }, word("role", session.role))),
			session.account && button(t("logout"), logOut, { kind: "plain out" })));
	show(navigation, session.account && h("ul", null, Object.entries(VIEWS).filter(([, view]) => allowed(view)).map(([name, view]) =>
		h("li", { "data-key": name }, h("a", { href: "#/" + name, "aria-current": name === at.name ? "page" : null },
			icon(name), t("view." + name)))),
		h("li", { class: "phone", "data-key": "password" }, button(t("password.title"), changePassword, { kind: "plain" })),
		h("li", { class: "phone", "data-key": "out" }, button(t("logout"), logOut, { kind: "plain" }))));
	navigation.hidden = !session.account;
	document.body.classList.toggle("alone", !session.account);
	drawLine();
}

function toggleMenu() {
	navigation.classList.toggle("open");
	drawTop();
	if (navigation.classList.contains("open")) {
		navigation.querySelector("a")?.focus();
	}
}

function drawLine() {
	line.hidden = !session.account || connection.since === null;
	if (!line.hidden) {
		show(line, icon("off"), h("span", null, t("connection.lost", clock(connection.since))));
	}
}

function chooseLanguage(code) {
	setLanguage(code);
	drawTop();
	redraw();
}

// The session from before has ended, and the stream with it.
function changePassword() {
	ownPassword(({ csrf }) => {
		session.csrf = csrf;
		if (session.scopes.has("now")) {
			listen(heardOf);
		}
		say(t("password.changed"));
	});
}

async function logOut() {
	await call("DELETE", "session").catch(() => {});
	left();
}

function left({ expired = false } = {}) {
	stopListening();
	forget({ ticks: !expired });
	forgetDoors();
	Object.assign(session, { account: null, csrf: null, scopes: new Set() });
	at.view = null;
	enter({ firstRun: false, expired });
}

// What was open belongs to who was here before.
expiry.ended = () => {
	document.querySelectorAll("dialog").forEach((box) => box.close());
	left({ expired: true });
};

function redraw() {
	if (at.view) {
		draw();
	} else {
		enter(at);
	}
}

function draw() {
	const { view, state } = at;
	document.title = `${view.title ? view.title(state) : t("view." + at.name)} · ${session.space || "Loquet"}`;
	show(main, view.render(state));
}

// Loads what the view shows, or what of it the topics concern; a refusal is shown in its place.
async function load(topics) {
	const { view, state, route } = at;
	try {
		await view.load(state, topics);
		if (route === at.route) {
			state.failed = null;
			state.loaded = true;
		}
	} catch (problem) {
		if (problem.status === 401) {
			return;
		}
		if (!problem.detail) {
			throw problem;
		}
		state.failed = problem;
	}
	if (route !== at.route) {
		return;
	}
	if (state.failed && !state.loaded) {
		document.title = t("view." + at.name);
		show(main, h("h1", { tabindex: "-1" }, t("view." + at.name)),
			h("p", { class: "refusal", role: "alert" }, state.failed.detail),
			h("p", null, button(t("again"), () => load())));
	} else {
		draw();
	}
}

async function route() {
	const { path, search } = parts();
	const wanted = VIEWS[path[0]] && allowed(VIEWS[path[0]]) ? path[0]
		: Object.keys(VIEWS).find((name) => allowed(VIEWS[name]));
	at.route++;
	at.name = wanted;
	at.view = VIEWS[wanted];
	at.state = { path: path.slice(1), search, loaded: false, failed: null };
	navigation.classList.remove("open");
	drawTop();
	main.setAttribute("aria-busy", "true");
	const mine = at.route;
	await load();
	main.removeAttribute("aria-busy");
	if (mine === at.route) {
		scrollTo(0, 0);
		main.querySelector("h1")?.focus({ preventScroll: true });
	}
}

// The first message of a burst renews at once, the others together after a while: all of them are
// heard, and a busy house does not keep every page busy.
let running = false;
let waiting = new Set();

async function renewNow(topic = "*") {
	waiting.add(topic);
	if (running) {
		return;
	}
	running = true;
	while (waiting.size > 0) {
		const topics = waiting.has("*") || waiting.has("minute") && !at.view?.calm ? undefined : waiting;
		waiting = new Set();
		if (at.view) {
			await load(topics);
		}
		await new Promise((done) => setTimeout(done, PAUSE_MS));
	}
	running = false;
}

function heardOf(topic, data) {
	if (topic === "now" && data.kind) {
		const name = who(data);
		const text = t(data.kind === "left" ? "news.left" : "news.arrived", name, time(data.at));
		now.news(data);
		repaint();
		say(text);
	}
	if (topic === "now" || topic === "muster" || topic === "alarms" || topic === "*") {
		remember();
	}
	if (topic === "doors" || topic === "*") {
		lookAtDoors();
	}
	if (at.view && (topic === "*" || at.view.topics.includes(topic))) {
		renewNow(topic);
	}
}

connection.changed = (alive) => {
	drawTop();
	say(alive ? t("connection.back") : t("connection.lost", clock(connection.since)));
	if (alive) {
		renewNow();
	}
};

// What the page does with an answer of POST session or GET session.
export function entered(answer) {
	sendAs(answer.account);
	Object.assign(session, {
		account: answer.account, role: answer.role, csrf: answer.csrf, scopes: new Set(answer.scopes),
		space: answer.space, zones: answer.zones, timeZone: answer.timeZone, dayCut: answer.dayCut,
	});
	setZone(answer.timeZone, answer.dayCut);
	if (answer.language && !languageChosen()) {
		setLanguage(answer.language, false);
	}
	if (session.scopes.has("now")) {
		listen(heardOf);
		remember();
		lookAtDoors();
	}
	route();
}

function enter({ firstRun: fresh, expired }) {
	at.route++; // what is on its way belongs to who was here before
	at.name = null;
	at.view = null;
	at.firstRun = fresh;
	at.expired = expired;
	drawTop();
	document.title = "Loquet";
	show(main, h("div", { "data-key": fresh ? "first" : "login", "data-keep": (fresh ? "first" : "login") + language() },
		fresh ? firstRun(entered) : login(entered, expired)));
	main.querySelector("h1")?.focus({ preventScroll: true });
}

// What somebody has just done here is shown without a pause.
export const refresh = () => load();
export const repaint = () => at.view && at.state.loaded && draw();

addEventListener("hashchange", () => session.account && route());
addEventListener("keydown", (event) => {
	if (event.key === "Escape" && navigation.classList.contains("open")) {
		navigation.classList.remove("open");
		drawTop();
		top.querySelector(".menu").focus();
	}
});
document.querySelector("#skip").onclick = (event) => {
	event.preventDefault();
	(main.querySelector("h1") ?? main).focus();
};
setInterval(() => at.view && renewNow("minute"), RENEW_MS);

async function begin() {
	document.documentElement.lang = language();
	try {
		entered(await get("session"));
	} catch (problem) {
		if (!problem.detail) {
			throw problem;
		}
		if (problem.status === 401) {
			enter({ firstRun: Boolean(problem.body.firstRun) });
			return;
		}
		drawTop();
		show(main, h("h1", { tabindex: "-1" }, "Loquet"), h("p", { class: "refusal", role: "alert" }, problem.detail),
			h("p", null, button(t("again"), begin)));
	}
}

begin();
