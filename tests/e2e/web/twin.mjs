// A twin of loquet-office's interface for what the real one seldom shows: alarms, refusals, an
// office that is away. It keeps what the page changes, in memory.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";

const TYPES = {
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".json": "application/json", ".svg": "image/svg+xml",
};
export const POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";
const ALL = ["now", "doors", "people", "history", "figures", "audit", "settings"];

function at(minutesAgo) {
	return new Date(Date.now() - minutesAgo * 60000).toISOString();
}

// What the clocks of the space show then.
function local(minutesAgo) {
	return new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Paris", dateStyle: "short", timeStyle: "short" }).format(new Date(at(minutesAgo))).replace(" ", "T");
}

function event(number, title, from, to, more) {
	return {
		event: "e" + number, uid: number + "@example.org", title, description: "", place: null, trainer: null, kind: "event", who: "members", public: false,
		from: local(from), to: local(to), rrule: null, except: [], doors: [], people: [], next: [], changed: at(1), ...more,
	};
}

function visit(person, name, zone, date, began, ended, more) {
	return {
		id: `${person}.${zone}.${Date.parse(at(began))}`, person, name, zone, date, checkIn: at(began), lastSeen: at(ended ?? began), checkOut: ended === null ? null : at(ended),
		state: ended === null ? "open" : "left", closedBy: ended === null ? null : "badge", halfDays: 1, passages: ended === null ? 1 : 2, assumed: false, provisional: true,
		clock: "synchronised", corrected: null, revision: "1-1-0-0", ...more,
	};
}

function badge(id, more) {
	return { id, person: "p1", label: null, state: "enabled", validFrom: null, validTo: null, suspendedUntil: null, uses: null, validFor: null, ...more };
}

function books() {
	const today = new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Paris" }).format(new Date(at(4 * 60)));
	const people = [
		["p1", "Ada Example", "member", { board: true }], ["p2", "Bob Example", "member", { hidden: true }],
		["p3", "Cyd Example", "staff", { anyTime: true }], ["p4", "Dot Example", "guest", {}],
		["p5", "Élodie Exemple-Toutlemonde", "member", { extendedTime: true }], ["p6", "Flo Example", "member", { enabled: false }],
	].map(([person, name, kind, more]) => ({
		person, name, kind, profile: kind === "guest" ? "guests" : "always", email: null, externalId: null, hidden: false, board: false, anyTime: false,
		extendedTime: false, enabled: true, badges: 1, created: at(90000), changed: at(80000), ...more,
	}));
	const present = people.slice(0, 5).map((one, index) => ({
		person: one.person, name: one.hidden ? null : one.name, kind: one.kind, since: at(25 + 47 * index), hidden: one.hidden,
		host: one.person === "p4" ? "p1" : null, hostName: one.person === "p4" ? "Ada Example" : null, hostLeft: false,
	}));
	const stage = (p50) => ({ count: 412, p50_us: p50, p95_us: p50 * 2, p99_us: p50 * 3, max_us: p50 * 4 });
	const reader = (door, state) => ({ name: door + "-in", door, state, restarts: 0, faults: 0 });
	return {
		people, today,
		zones: [
			{ zone: "space", count: 5, atLeast: true, members: 3, guests: 1, staff: 1, capacity: { soft: 35, legal: 40, state: "ok" }, present },
			{ zone: "studio", count: 11, atLeast: false, members: 11, guests: 0, staff: 0, capacity: { soft: 10, legal: 12, state: "soft" }, present: [] },
		],
		total: { count: 15, atLeast: true, members: 13, guests: 1, staff: 1, capacity: { soft: 35, legal: 40, state: "ok" } },
		doors: [
			{ controller: "front-board", door: "front", zone: "space", mode: "Locked", physical: "closed", alarms: [], online: true, lastEvent: at(2),
				reader: [reader("front", "online")], rosterAge: 42, rosterVersion: 1790000000123, rosterRefused: null, versions: { loquet: "0.5.0", kernel: "6.1.0" },
				clock: "synchronised", journal: "well", chainBroken: null, missing: 0, stages: { detect: stage(24000), decide: stage(310), record: stage(9100), relay: stage(120), total: stage(34000) } },
			{ controller: "back-board", door: "back", zone: "studio", mode: "Unlocked", physical: "open", alarms: ["held_open"], online: true, lastEvent: at(8),
				reader: [reader("back", "fault")], rosterAge: 200000, rosterVersion: 1790000000007, rosterRefused: { why: "conflict", count: 3 }, versions: { loquet: "0.5.0" }, clock: "rtc", journal: "slow", chainBroken: 4711, missing: 12, stages: {} },
			{ controller: "shed-board", door: "shed", zone: "space", mode: "unknown", physical: "unknown", alarms: [], online: false, lastEvent: null, reader: [], rosterAge: null, rosterVersion: null, rosterRefused: null, versions: null, clock: null, journal: null, chainBroken: null, missing: 0, stages: null },
		],
		visits: [
			visit("p1", "Ada Example", "space", today, 300, 60, { passages: 3 }),
			visit("p5", "Élodie Exemple-Toutlemonde", "space", today, 220, null, {}),
			visit("p3", "Cyd Example", "studio", today, 400, 20, { state: "cutoff", closedBy: "cutoff", halfDays: 2, passages: 5, provisional: false, corrected: { by: "desk", at: at(10), reason: "Badge forgotten" } }),
			visit("p4", "Dot Example", "space", today, 90, 80, { state: "void", closedBy: "correction", halfDays: 0 }),
		],
		badges: { p1: [badge(7), badge(3, { state: "lost", validFrom: at(90000), validTo: at(1000), uses: 4 })] },
		visitors: [
			{ person: "p21", name: "Gus Guest", host: "p1", hostName: "Ada Example", from: at(60), to: at(-180), purpose: "Meeting", profile: "guests", badges: 1 },
			{ person: "p22", name: "Hal Guest", host: "p5", hostName: "Élodie Exemple-Toutlemonde", from: at(-1440), to: at(-1600), purpose: "Tour", profile: "guests", badges: 0 }],
		profiles: [{ name: "always", policies: [{ accessPoint: "*", schedule: null }] }, { name: "guests", policies: [{ accessPoint: "front/entry", schedule: "office" }, { accessPoint: "front/exit", schedule: null }] }],
		schedules: [
			{ name: "office", periods: [0, 1, 2, 3, 4].map((day) => ({ from: day * 1440 + 480, to: day * 1440 + 1200 })).concat([{ from: 5 * 1440 + 540, to: 5 * 1440 + 780 }]), specials: [{ group: "holidays", periods: [] }, { group: "eves", periods: [{ from: 480, to: 720 }] }] },
			{ name: "late", periods: [{ from: 4 * 1440 + 1320, to: 5 * 1440 + 120 }, { from: 6 * 1440 + 1320, to: 120 }], specials: [] }],
		groups: [{ group: "holidays", days: [{ date: "2026-05-15", label: "Bridge" }, { date: "12-25", label: "" }] }, { group: "eves", days: [{ date: "12-24", label: "" }] }],
		events: [
			event(31, "Thursday lunch", -2880, -2970, { rrule: "FREQ=WEEKLY", doors: ["front"], next: [{ from: at(-2880), to: at(-2970) }] }),
			event(32, "First aid", -9000, -9400, { kind: "training", who: "registered", doors: ["back"], people: ["p1"], trainer: "Cyd Example" }),
			event(33, "Vegetable pick-up", -4000, -4090, { kind: "public_window", who: "anyone", rrule: "FREQ=WEEKLY;BYDAY=WE", doors: ["front"], public: true })],
		muster: { frozen: true, byHand: false, since: at(4), at: at(0), missing: 4, zones: [{ zone: "space", count: 5, atLeast: true }], people: present.map((one) => ({ person: one.person, name: people.find((two) => two.person === one.person).name, since: one.since, seen: one.person === "p1" ? at(2) : one.since, ticked: one.person === "p3", kind: one.kind, zone: "space", guestsOf: one.person === "p4" ? "p1" : null, hostName: one.person === "p4" ? "Ada Example" : null })) },
		alerts: [],
		drills: [{ began: at(90000), ended: at(89993), remarks: "Back door was slow to clear.", by: "ada" }],
		settings: { title: "Atelier Example", language: "fr", contact: "", legalName: "Example SAS", legalAddress: "", dpo: "", recipients: "", pageAddress: "", capacityLegal: 40, capacitySoft: 35, exitsBadged: false, retentionDays: 90, halfDayRule: "clock", halfDayAtMin: 810, board: true },
		accounts: [{ id: 1, name: "desk", role: "operator", language: "fr" }, { id: 2, name: "ada", role: "manager", language: "en" }],
		feeds: [{ feed: "f1", name: "Desk", made: at(9000) }],
		tokens: [{ id: 1, name: "billing", scopes: ["history", "figures"], made: at(9000), lastUsed: null }],
		hooks: [
			{ id: 1, url: "https://hooks.example.org/loquet", types: ["visit.opened"], active: true, state: "failing", failingSince: at(60), ended: null, lastDelivered: null, waiting: 1, by: "ada", made: at(1440) },
			{ id: 2, url: "https://hooks.example.org/gone", types: ["door.alarm"], active: false, state: "gone", failingSince: null, ended: at(60), lastDelivered: null, waiting: 0, by: "ada", made: at(1440) },
		],
		audit: [{ id: 1, at: at(30), by: "desk", act: "door.open", object: "door/front", reason: "Parcel" }, { id: 2, at: at(10), by: "ada", act: "visit.read", object: "person/1", reason: "" }],
	};
}

export class Twin {
	constructor(web) {
		this.web = web;
		this.streams = new Set();
		this.listened = 0; // how many came to listen so far
		this.reset();
	}

	reset() {
		this.books = books();
		this.session = { account: "ada", role: "manager", scopes: ALL, csrf: "c5rf", firstRun: false, space: "Atelier Example", timeZone: "Europe/Paris", dayCut: 4, zones: ["space", "studio"] };
		this.open = true;
		this.first = false;
		this.broker = true;
		this.verdict = {}; // of commands
		this.calls = [];
		this.sheet = null; // what came as one last, byte for byte
		this.most = 100; // people at once
		this.refuse = null; // (method, path, body) => [status, problem] or nothing
	}

	async start() {
		this.server = createServer((request, response) => this.answer(request, response).catch((error) => {
			response.writeHead(500).end(String(error));
		}));
		while (!this.server.listening) {
			await this.listen(this.port ?? 15000 + Math.floor(Math.random() * 17000));
		}
		this.port = this.server.address().port;
		this.url = `http://127.0.0.1:${this.port}`;
	}

	// Below the ports that clients get: one of theirs may be taken when the twin comes back to it.
	listen(port) {
		return new Promise((done, fail) => {
			this.server.once("error", (error) => {
				this.server.removeListener("listening", done);
				if (error.code === "EADDRINUSE" && !this.port) {
					done();
				} else {
					fail(error);
				}
			});
			this.server.listen(port, "127.0.0.1", done);
		});
	}

	async stop() {
		for (const stream of this.streams) {
			stream.destroy();
		}
		this.streams.clear();
		this.server.closeAllConnections();
		await new Promise((done) => this.server.close(done));
	}

	tell(topic, data = {}) {
		for (const stream of this.streams) {
			stream.write(`event: ${topic}\ndata: ${JSON.stringify({ topic, at: new Date().toISOString(), ...data })}\n\n`);
		}
	}

	arrive(person, name) {
		const zone = this.books.zones[0];
		const since = new Date().toISOString();
		zone.present.unshift({ person, name, kind: "member", since, hidden: false });
		zone.count++;
		zone.members++;
		this.tell("now", { kind: "arrived", person, name, zone: zone.zone, at: since });
	}

	async answer(request, response) {
		const { pathname, searchParams } = new URL(request.url, this.url);
		if (!pathname.startsWith("/api/v1/") && pathname !== "/board.json") {
			return this.file(pathname, response);
		}
		const chunks = [];
		for await (const chunk of request) {
			chunks.push(chunk);
		}
		const bytes = Buffer.concat(chunks);
		const text = bytes.toString();
		if (request.headers["content-type"] === "text/csv") {
			this.sheet = bytes;
		}
		const body = request.headers["content-type"] === "application/json" && text ? JSON.parse(text) : text || undefined;
		const path = pathname.replace("/api/v1/", "");
		this.calls.push({ method: request.method, path, body, language: request.headers["accept-language"] });
		const send = (status, value) => {
			response.writeHead(status, { "Content-Type": status >= 400 ? "application/problem+json" : "application/json", "Cache-Control": "no-store" });
			response.end(value === undefined ? "" : JSON.stringify(value));
		};
		const refused = this.refuse && this.refuse(request.method, path, body);
		if (refused) {
			return send(refused[0], { status: refused[0], title: refused[1].detail, ...refused[1] });
		}
		if (path === "session") {
			if (request.method === "POST") {
				if (body.password !== "correct horse") {
					const french = request.headers["accept-language"] === "fr";
					return send(401, { type: "urn:loquet:problem:credentials", detail: french ? "nom ou mot de passe inconnu" : "unknown name or password" });
				}
				this.open = true;
			} else if (request.method === "DELETE") {
				this.open = false;
				return send(204);
			}
			// Of the account; here whatever the browser prefers.
			const language = request.headers["accept-language"]?.startsWith("fr") ? "fr" : "en";
			return this.open ? send(200, { ...this.session, language }) : send(401, { type: "urn:loquet:problem:session", detail: "log in first", firstRun: this.first });
		}
		if (path === "first-run") {
			this.first = false;
			return send(201, {});
		}
		if (path === "/board.json") {
			return send(200, { title: "Atelier Example", zones: this.books.zones.map(({ zone, count, atLeast }) => ({ zone, count, atLeast })), names: ["Ada Example", "Flo Example"] });
		}
		if (!this.open) {
			return send(401, { type: "urn:loquet:problem:session", detail: "log in first" });
		}
		if (request.method !== "GET" && request.headers["x-loquet-csrf"] !== this.session.csrf) {
			return send(403, { type: "urn:loquet:problem:csrf", detail: "the page is out of date" });
		}
		if (path === "session/password") {
			if (body.password !== "correct horse") {
				return send(403, { type: "urn:loquet:problem:password", detail: "ce n’est pas votre mot de passe", pointer: "/password" });
			}
			this.session.csrf += "!";
			return send(200, this.session);
		}
		if (path === "stream") {
			response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
			response.write(": hello\n\n");
			this.streams.add(response);
			this.listened++;
			response.on("close", () => this.streams.delete(response));
			return undefined;
		}
		const found = this.find(request.method, path, body, searchParams);
		return found === undefined ? send(404, { detail: "no such thing: " + path }) : send(...found);
	}

	find(method, path, body, search) {
		const list = (items) => [200, { items, next: null }];
		const { books: b } = this;
		const [top, id, more] = path.split("/");
		const lists = {
			doors: b.doors, visitors: b.visitors, profiles: b.profiles, schedules: b.schedules, "special-days": b.groups, "door-hours": [{ door: "front", schedule: "office", firstPerson: true }], events: b.events,
			drills: b.drills, alerts: b.alerts, accounts: b.accounts, tokens: b.tokens, webhooks: b.hooks, audit: b.audit,
		};
		if (method === "GET") {
			if (path === "audit") {
				const found = b.audit.filter((one) => one.at >= (search.get("since") ?? ""));
				const first = Number(search.get("after") ?? 0);
				return [200, { items: found.slice(first, first + this.most), next: first + this.most < found.length ? String(first + this.most) : null }];
			}
			if (path === "calendar-feeds") {
				return list(b.feeds);
			}
			if (path === "doors") {
				return [200, { items: b.doors, next: null, broker: this.broker }];
			}
			if (path in lists) {
				return list(lists[path]);
			}
			if (path === "zones") {
				return list(b.zones.map(({ zone, capacity: { soft, legal } }) => ({ zone, soft, legal })));
			}
			if (path === "now") {
				return [200, { zones: b.zones, total: b.total, at: new Date().toISOString() }];
			}
			if (path === "visits") {
				return list(search.get("person") ? b.visits.filter((one) => one.person === search.get("person"))
					: search.get("date") === b.today ? b.visits : []);
			}
			if (path === "figures") {
				return list(search.get("by") === "hour" ? this.hours() : this.days(search.get("from"), search.get("to")));
			}
			if (path === "people") {
				const text = (search.get("search") ?? "").toLowerCase();
				const found = b.people.filter((one) => one.name.toLowerCase().includes(text));
				const first = Number(search.get("after") ?? 0);
				const next = first + this.most < found.length ? String(first + this.most) : null;
				return [200, { items: found.slice(first, first + this.most), next }];
			}
			if (top === "people" && more === "badges") {
				return list(b.badges[id] ?? []);
			}
			if (top === "people") {
				const person = b.people.find((one) => one.person === id);
				return person && [200, person];
			}
			if (top === "commands") {
				return [200, { id, command: "door.open", controller: "front-board", door: "front", state: "done", reason: null, text: null, ...this.verdict }];
			}
			if (path === "muster") {
				return [200, b.muster];
			}
			if (path === "settings") {
				return [200, b.settings];
			}
			if (more === "attendance") {
				return [200, { from: at(-2880), to: at(-2970), registered: 3, registeredCame: 2, badged: 5, openings: 7 }];
			}
			if (more === "deliveries") {
				return list([{ id: "front-board/7", type: "visit.opened", at: new Date().toISOString(), state: "waiting", attempts: 3, due: new Date().toISOString(), ended: null, status: 503, error: null }]);
			}
			return undefined;
		}
		if (top === "board-members") {
			b.visits.filter((one) => one.person === `${id}/${more}`).forEach((one) => Object.assign(one, { name: body.name }));
			return [204];
		}
		if (top === "alerts") {
			b.alerts = b.alerts.filter((one) => `${one.controller}/${one.seq}` !== `${id}/${more}`);
			return [204];
		}
		if (top === "people" && more === "badges") {
			(b.badges[id] ??= []).push(badge(40 + (b.badges[id]?.length ?? 0), { person: id }));
			return [202, { id: "c1", command: "door.open", controller: "front-board", door: "front", state: "waiting", reason: null, text: null }];
		}
		if (top === "zones" && method === "PATCH") {
			const zone = b.zones.find((one) => one.zone === id);
			Object.assign(zone.capacity, body);
			return [200, { zone: id, soft: zone.capacity.soft, legal: zone.capacity.legal }];
		}
		if (top === "visits" && method === "PATCH") {
			Object.assign(b.visits.find((one) => String(one.id) === id), { ...body, corrected: { by: "ada", at: new Date().toISOString(), reason: body.reason } });
			return [200, {}];
		}
		if (path === "people" && method === "POST") {
			const made = { ...b.people[0], ...body, person: "p" + (b.people.length + 1) };
			b.people.push(made);
			return [201, made];
		}
		if (path === "muster/ticks") {
			b.muster.people.find((one) => one.person === body.person).ticked = body.ticked;
			return [200, {}];
		}
		if (top === "doors") {
			return [202, { id: "c1", command: "door.open", controller: "front-board", door: "front", state: "waiting", reason: null, text: null }];
		}
		if (top === "visitors" && method === "DELETE") {
			b.visitors = b.visitors.filter((one) => one.person !== id);
			return [204];
		}
		if (top === "webhooks" && method === "PATCH") {
			Object.assign(b.hooks.find((one) => String(one.id) === id), { active: body.active, state: body.active ? "active" : "paused" });
			return [200, {}];
		}
		return [method === "POST" ? 201 : 200, { id: 99, secret: "lq_0123456789" }];
	}

	hours() {
		const shape = [0, 0, 0, 0, 0, 0, 0, 1, 4, 9, 14, 16, 12, 13, 18, 17, 15, 11, 7, 4, 2, 1, 0, 0];
		return shape.map((occupancyMax, hour) => ({
			date: this.books.today, at: new Date(Date.parse(this.books.today + "T00:00:00Z") + (hour - 1) * 3600000).toISOString(), occupancyMax, visits: Math.ceil(occupancyMax / 3),
			members: Math.ceil(occupancyMax / 4), guests: occupancyMax > 10 ? 1 : 0, staff: 0,
		}));
	}

	days(from, to) {
		const items = [];
		for (let day = Date.parse(from); day <= Date.parse(to); day += 86400000) {
			const visits = [24, 27, 31, 29, 22, 6, 2][(new Date(day).getUTCDay() + 6) % 7];
			items.push({ at: new Date(day + 2 * 3600000).toISOString(), date: new Date(day).toISOString().slice(0, 10), occupancyMax: Math.ceil(visits * 0.6), visits, members: visits - 2, guests: 2, staff: 0 });
		}
		return items;
	}

	async file(pathname, response) {
		const name = pathname === "/" ? "index.html" : pathname === "/board" ? "board.html" : pathname.slice(1);
		const found = !name.includes("..") && await readFile(join(this.web, name)).catch(() => null);
		if (!found) {
			response.writeHead(404).end();
			return;
		}
		response.writeHead(200, { "Content-Type": TYPES[extname(name)], "Content-Security-Policy": POLICY });
		response.end(found);
	}
}
