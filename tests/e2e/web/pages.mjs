// The page against the twin: every view, what goes wrong, and what the real office seldom shows.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { gzipSync } from "node:zlib";
import { axe, launch, open, tabTo, turnTime, until } from "./browser.mjs";
import { Twin } from "./twin.mjs";

const WEB = process.env.LOQUET_WEB;
const MOST_BYTES = 150 * 1024;
const VIEWS = ["now", "visits", "visits?person=p1", "members", "members/p1", "members/p1/welcome", "visitors", "rules", "events", "figures", "doors", "evacuation", "settings"];

let browser;
let twin;

before(async () => {
	browser = await launch();
	twin = new Twin(WEB);
	await twin.start();
});

beforeEach(() => twin.reset());

after(async () => {
	await browser.close();
	await twin.stop();
});

async function visit(page, view) {
	await page.evaluate((hash) => {
		location.hash = hash;
	}, "#/" + view);
	await page.waitForFunction((hash) => location.hash === hash && !document.querySelector("main").hasAttribute("aria-busy")
		&& document.activeElement.matches("main h1"), "#/" + view);
}

async function start(options, view = "now") {
	const opened = await open(browser, twin.url, options);
	const { listened } = twin;
	await opened.page.goto(`${twin.url}/#/${view}`);
	await opened.page.waitForSelector("main:not([aria-busy]) h1:focus");
	// What is told before is not heard.
	await until(() => twin.listened > listened || !twin.open, "the page's listening");
	return opened;
}

for (const [language, scheme] of [["en", "light"], ["fr", "dark"]]) {
	test(`every view is accessible, ${language}, ${scheme}`, async () => {
		const { page, faults, close } = await start({ language, scheme });
		for (const view of VIEWS) {
			await visit(page, view);
			assert.deepEqual(await axe(page), [], view);
			assert.equal(await page.evaluate(() => document.documentElement.lang), language);
			assert.equal(await page.locator("main h1").count(), 1, view);
		}
		assert.deepEqual(faults, []);
		await close();
	});
}

test("every dialog is accessible and fits a phone", async () => {
	const { page, faults, close } = await start({ language: "fr", scheme: "light", width: 360, height: 740 });
	for (const [view, selector] of [
		["now", ".door button"], ["visits", ".do button >> nth=0"], ["visits", "main .head .button >> nth=0"], ["visits", "main .head .button >> nth=1"],
		["members", "main .head .primary"], ["members", "main .head button >> nth=1"], ["members/p1", "main section .head .button >> nth=0"], ["members/p1", ".do button"],
		["members/p1", "main .danger"], ["visitors", "main .head .button"], ["visitors", ".do button"], ["rules", ".do button >> nth=0"], ["rules", ".schedules button"],
		["rules", "[aria-label$=eves] >> nth=0"], ["events", ".do button >> nth=1"], ["events", "main .head .primary"], ["events", "[data-key=feeds] .head button"], ["events", "[data-key=feeds] .do button"], ["doors", ".actions button >> nth=1"], ["evacuation", ".head .button >> nth=2"],
		["settings", ".head .button >> nth=0"], ["settings", ".head .button >> nth=1"], ["settings", ".head .button >> nth=2"], ["settings", "[data-key=zones] button"],
		["settings", "[aria-label^='Envois https'] >> nth=0"], ["settings", "[aria-label^='Pause https']"],
	]) {
		if (!page.url().endsWith("#/" + view)) {
			await visit(page, view);
		}
		await page.locator(selector).first().click();
		await page.waitForSelector("dialog[open]");
		assert.deepEqual(await axe(page, "dialog"), [], `${view}, ${selector}`);
		assert.ok(await page.evaluate(() => document.querySelector("dialog").scrollWidth <= document.querySelector("dialog").clientWidth + 1), `${view}, ${selector}`);
		await page.keyboard.press("Escape");
		await page.waitForSelector("dialog", { state: "detached" });
		// The focus is where it was.
		assert.equal(await page.locator(selector).first().evaluate((node) => node === document.activeElement), true, `${view}, ${selector}`);
	}
	assert.deepEqual(faults, []);
	await close();
});

test("a narrow phone shows every view without scrolling aside", async () => {
	const { page, faults, close } = await start({ language: "fr", width: 360, height: 740 });
	for (const view of VIEWS) {
		await visit(page, view);
		assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360, view);
	}
	assert.ok(await page.locator("#navigation").isHidden());
	await page.locator(".menu").click();
	assert.ok(await page.locator("#navigation a >> nth=0").isVisible());
	await page.keyboard.press("Escape");
	assert.ok(await page.locator("#navigation").isHidden());
	assert.deepEqual(faults, []);
	await close();
});

test("a roster that a door refuses is told there", async () => {
	const { page, faults, close } = await start({ language: "fr" });
	await visit(page, "doors");
	assert.match(await page.locator("[data-key='back-board/back']").textContent(), /refusée La porte refuse la liste du bureau \(3 fois, contradictoire/);
	assert.doesNotMatch(await page.locator("[data-key='front-board/front']").textContent(), /refusée/);
	assert.deepEqual(faults, []);
	await close();
});

test("what is wrong with readers and logs is told among the alarms and at the door", async () => {
	Object.assign(twin.books.doors[0], { chainBroken: 41, missing: 0 });
	Object.assign(twin.books.doors[1], { alarms: [], chainBroken: null, missing: 2, controller: "front-board" });
	const { page, faults, close } = await start({ language: "en" });
	assert.deepEqual(await page.locator("[data-key=alarms] li").allTextContents(), [
		"front-board: its log was altered or damaged before checkpoint 41", "back: reader back-in, fault"]);
	Object.assign(twin.books.doors[1], { controller: "back-board" });
	await visit(page, "doors");
	assert.match(await page.locator("[data-key='front-board/front']").textContent(), /altered or damaged before checkpoint 41/);
	assert.match(await page.locator("[data-key='back-board/back']").textContent(), /2 events of its log are missing/);
	assert.doesNotMatch(await page.locator("[data-key='shed-board/shed']").textContent(), /its log/);
	assert.deepEqual(faults, []);
	await close();
});

test("a lost badge that is presented is told of until somebody has seen it", async () => {
	const { page, faults, close } = await start({ language: "fr" });
	const rows = page.locator("[data-key^=alert-]");
	assert.equal(await rows.count(), 0);
	const at = new Date().toISOString();
	const alert = (seq, kind, more) => ({ controller: "front-board", seq, kind, person: "p1", name: "Ada Example", hidden: false, door: "front", at, ...more });
	twin.books.alerts = [alert(41, "badge_lost"), alert(40, "in_again", { person: "front-board/m3", name: null }), alert(39, "badge_stolen", { person: null, name: null, hidden: true })];
	twin.tell("alarms", {});
	await page.waitForFunction(() => document.querySelectorAll("[data-key^=alert-]").length === 3);
	const [lost, again, stolen] = await rows.allTextContents();
	assert.match(lost, /^front\s: badge perdu présenté à \d\d:\d\d\s: Ada Example/);
	assert.match(again, /^front\s: entrée à \d\d:\d\d sans être sorti\s: Membre m3 de front-board/);
	assert.match(stolen, /^front\s: badge volé présenté à \d\d:\d\d\s: membre discret/);
	await page.locator("[data-key='alert-front-board/41'] button").click();
	await page.waitForFunction(() => document.querySelectorAll("[data-key^=alert-]").length === 2);
	assert.deepEqual(twin.books.alerts.map(({ seq }) => seq), [40, 39]);
	assert.deepEqual(faults, []);
	await close();
});

test("a guest whose host has left is told of, and members of boards are called so", async () => {
	Object.assign(twin.books.zones[0].present[3], { hostLeft: true });
	Object.assign(twin.books.zones[0].present[4], { person: "back-board/m7", name: null });
	const { page, faults, close } = await start({ language: "en" });
	const names = await page.locator("tbody th").allTextContents();
	assert.match(names[3], /^Dot Example guest of Ada Example.*host has left/);
	assert.match(names[4], /^Member m7 of back-board/);
	assert.deepEqual(faults, []);
	await close();
});

test("a member of a board is given a name", async () => {
	Object.assign(twin.books.visits[1], { person: "back-board/m7", name: null });
	const { page, faults, close } = await start({ language: "en" }, "visits");
	await page.locator("tbody th a", { hasText: "Member m7 of back-board" }).click();
	await page.waitForFunction(() => document.querySelector("h1").textContent.includes("Member m7 of back-board"));
	await page.locator("main .head button", { hasText: "Give a name" }).click();
	await page.fill("dialog [name=name]", "Bo Example");
	await page.locator("dialog [type=submit]").click();
	await page.waitForFunction(() => document.querySelector("h1").textContent.includes("Bo Example"));
	assert.deepEqual(faults, []);
	await close();
});

test("a final visit is no longer corrected", async () => {
	const { page, faults, close } = await start({ language: "en" }, "visits");
	const buttons = await page.locator("tbody tr").evaluateAll((rows) => Object.fromEntries(rows.map((row) => [row.querySelector("th").textContent, row.querySelectorAll(".do button").length])));
	assert.deepEqual(buttons, { "Ada Example": 2, "Élodie Exemple-Toutlemonde": 2, "Cyd Example": 0, "Dot Example": 0 });
	// Among somebody's visits the one that is added is theirs.
	await page.locator("tbody a", { hasText: "Ada Example" }).click();
	await page.waitForFunction(() => document.querySelector("main h1").textContent.includes("Ada Example"));
	await page.locator("main .head button >> nth=0").click();
	assert.equal(await page.inputValue("dialog [name=person]"), "Ada Example");
	await page.keyboard.press("Escape");
	assert.deepEqual(faults, []);
	await close();
});

test("a test that turns the clock ends no request by it", async () => {
	const { page, close } = await open(browser, twin.url);
	await turnTime(page);
	await page.goto(twin.url);
	await page.evaluate(() => {
		window.patience = AbortSignal.timeout(60000);
	});
	await page.clock.runFor(61000);
	assert.equal(await page.evaluate(() => window.patience.aborted), false);
	await close();
});

test("somebody's past is looked at when it changes, and not as time goes by", async () => {
	const { page, faults, close } = await open(browser, twin.url, { language: "en" });
	await turnTime(page);
	await page.goto(`${twin.url}/#/members/p1`);
	await page.waitForSelector("[data-key=visits]");
	const asked = (path) => twin.calls.filter((one) => one.method === "GET" && one.path === path).length;
	const until = async (path, count) => {
		while (asked(path) < count) {
			await page.clock.runFor(600);
		}
	};
	const looks = asked("visits");
	assert.equal(looks, 1);
	await page.clock.runFor(60000);
	await until("people/p1", 2);
	twin.tell("people");
	await until("people/p1", 3);
	assert.equal(asked("visits"), looks);
	twin.tell("visits");
	await until("visits", looks + 1);
	assert.deepEqual(faults, []);
	await close();
});

test("a search finds the same before and after more was shown", async () => {
	twin.most = 2;
	const { page, faults, close } = await start({ language: "en" }, "members");
	const names = (count) => page.waitForFunction((wanted) => document.querySelectorAll("tbody tr").length === wanted, count);
	await names(2);
	await page.locator("main button", { hasText: "Show more" }).click();
	await names(4);
	await page.fill("#search", "Example");
	await page.waitForFunction(() => document.querySelector(".search .quiet").textContent === "2+ people");
	await names(2);
	await page.locator("main button", { hasText: "Show more" }).click();
	await names(4);
	await page.fill("#search", "Flo");
	await names(1);
	assert.equal(await page.locator("main button", { hasText: "Show more" }).count(), 0);
	assert.deepEqual(faults, []);
	await close();
});

test("who logs out takes along what was still to be asked", async () => {
	const { page, faults, close } = await open(browser, twin.url, { language: "en" });
	await turnTime(page);
	await page.goto(twin.url + "/#/now");
	await page.waitForSelector("main:not([aria-busy]) h1:focus");
	await page.locator(".out").click();
	await page.waitForSelector("[name=password]");
	twin.session.scopes = ["figures", "audit"];
	await page.fill("[name=name]", "eve");
	await page.fill("[name=password]", "correct horse");
	await page.keyboard.press("Enter");
	await page.waitForFunction(() => document.querySelector("h1").textContent === "Figures");
	twin.calls = [];
	await page.clock.fastForward(10000);
	await page.locator("#navigation [href='#/settings']").click();
	await page.waitForFunction(() => document.querySelector("h1").textContent === "Settings");
	assert.deepEqual(twin.calls.filter(({ path }) => path === "muster"), []);
	assert.deepEqual(faults, []);
	await close();
});

test("a session that ends while a dialog is open says so, and leads back", async () => {
	const { page, faults, close } = await start({ language: "fr" }, "members/p1");
	await page.locator("main section .head button >> nth=1").click();
	await page.fill("dialog [name=uid]", "04a1b2c3d4e5f6");
	twin.open = false;
	await page.keyboard.press("Enter");
	await page.waitForSelector("[name=password]");
	await page.waitForSelector("dialog", { state: "detached" });
	assert.match(await page.locator("main .refusal >> nth=0").textContent(), /^Votre session a pris fin/);
	assert.equal(await page.locator("#navigation a").count(), 0);
	assert.ok(!(await page.content()).includes("Ada Example"));
	assert.deepEqual(await axe(page), []);
	await page.fill("[name=name]", "ada");
	await page.fill("[name=password]", "correct horse");
	await page.keyboard.press("Enter");
	await page.waitForFunction(() => document.querySelector("h1").textContent === "Ada Example");
	assert.deepEqual(faults, []);
	await close();
});

test("who logs in again in another tab goes on in this one, and nobody else does", async () => {
	const { page, faults, close } = await start({ language: "en" });
	const open = async () => {
		await page.locator("[aria-label='Open front']").click();
		await page.fill("dialog [name=reason]", "Parcel");
		await page.keyboard.press("Enter");
	};
	twin.session.csrf = "an0ther";
	await open();
	await page.waitForSelector("dialog", { state: "detached" });
	assert.equal(twin.calls.filter(({ method }) => method === "POST").length, 2);
	Object.assign(twin.session, { csrf: "th1rd", account: "eve" });
	await open();
	await page.waitForSelector("dialog .refusal:focus");
	assert.equal(await page.locator("dialog .refusal").textContent(), "the page is out of date");
	assert.deepEqual(faults, []);
	await close();
});

test("a tick that a session's end kept back is sent by the same person, and by nobody else", async () => {
	const { page, faults, close } = await start({ language: "en" }, "evacuation");
	const ticks = () => twin.calls.filter(({ path }) => path === "muster/ticks").map(({ body }) => body.person);
	const endAndReturn = async (account) => {
		await page.waitForFunction(() => document.querySelector("main:not([aria-busy]) .tick"));
		twin.open = false;
		await page.locator(".tick >> nth=0").click();
		await page.waitForSelector("[name=password]");
		twin.calls = [];
		twin.session.account = account;
		await page.fill("[name=name]", account);
		await page.fill("[name=password]", "correct horse");
		await page.keyboard.press("Enter");
		await page.waitForFunction(() => document.querySelector("main:not([aria-busy]) .tick"));
	};
	await endAndReturn("ada");
	await page.waitForFunction(() => document.querySelector(".tick[aria-pressed=true]") && !document.querySelector(".tick").textContent.includes("not sent yet"));
	assert.deepEqual(ticks(), ["p1"]);
	await endAndReturn("desk");
	assert.equal(await page.locator(".tick >> nth=0").getAttribute("aria-pressed"), "true");
	assert.deepEqual(ticks(), []);
	assert.deepEqual(faults, []);
	await close();
});

test("the audit goes on by pages, from the local day's beginning", async () => {
	const act = (id, at) => ({ id, at, by: "ada", act: "visit.read", object: "person/" + id, reason: "" });
	twin.books.audit = [act(4, "2026-07-03T10:00:00Z"), act(3, "2026-07-02T10:00:00Z"), act(2, "2026-07-01T22:00:00.000Z"), act(1, "2026-07-01T21:59:59.999Z")];
	twin.most = 2;
	const { page, faults, close } = await start({ language: "fr" }, "settings?since=2026-07-02");
	const rows = () => page.locator("[data-key=audit] tbody tr td:nth-child(4)").allTextContents();
	assert.deepEqual(await rows(), ["person/4", "person/3"]);
	assert.equal(await page.locator("[data-key=audit] tbody td:nth-child(3) >> nth=0").textContent(), "historique consulté");
	await page.locator("[data-key=audit] button", { hasText: "Afficher la suite" }).click();
	await page.waitForFunction(() => document.querySelectorAll("[data-key=audit] tbody tr").length === 3);
	assert.deepEqual(await rows(), ["person/4", "person/3", "person/2"]);
	assert.equal(await page.locator("[data-key=audit] button").count(), 0);
	assert.deepEqual(faults, []);
	await close();
});

test("on a phone no label of a plot is cut or stands on another", async () => {
	const { page, faults, close } = await start({ language: "fr", width: 360, height: 740 }, "figures");
	const plots = await page.locator(".plot").evaluateAll((all) => all.map((one) => {
		const { right } = one.getBoundingClientRect();
		const labels = [...one.querySelectorAll("text[text-anchor=middle]")].map((text) => text.getBoundingClientRect());
		return [...labels.slice(1).map((label) => label.left), right].map((next, index) => next - labels[index].right);
	}));
	assert.equal(plots.length, 3);
	assert.ok(plots.flat().every((room) => room >= 0), JSON.stringify(plots));
	assert.deepEqual(faults, []);
	await close();
});

test("on a phone the week's letters are large enough, and none is cut", async () => {
	const { page, faults, close } = await start({ language: "fr", width: 360, height: 740 }, "rules");
	const letters = await page.locator(".week text").evaluateAll((all) => all.map((one) => {
		const { left, right, height } = one.getBoundingClientRect();
		const box = one.ownerSVGElement.getBoundingClientRect();
		return { height, cut: left < box.left - 1 || right > box.right + 1 };
	}));
	assert.equal(letters.length, 24);
	assert.ok(letters.every(({ height, cut }) => height >= 10 && !cut), JSON.stringify(letters));
	assert.deepEqual(faults, []);
	await close();
});

test("a check that fails takes back what the one before said", async () => {
	const { page, faults, close } = await start({ language: "en" }, "members");
	await page.locator("main .head button >> nth=1").click();
	await page.setInputFiles("dialog [name=file]", { name: "people.csv", mimeType: "text/csv", buffer: Buffer.from("name\n") });
	await page.locator("dialog [type=submit]").click();
	await page.waitForSelector("dialog .good");
	twin.refuse = (method, path) => path === "people.csv" && [422, { type: "urn:loquet:problem:csv", detail: "line 2" }];
	await page.locator("dialog [type=submit]").click();
	await page.waitForSelector("dialog .refusal:focus");
	assert.equal(await page.locator("dialog .good").count(), 0);
	assert.deepEqual(faults, []);
	await close();
});

test("a file goes out as it is, so that the office can refuse what is no UTF-8", async () => {
	const { page, faults, close } = await start({ language: "fr" }, "members");
	const buffer = Buffer.from("external_id;name\r\nx/1;Zo\u00e9 Example\r\n", "latin1"); // as a French spreadsheet saves it
	await page.locator("main .head button >> nth=1").click();
	await page.setInputFiles("dialog [name=file]", { name: "people.csv", mimeType: "text/csv", buffer });
	await page.locator("dialog [type=submit]").click();
	await page.waitForSelector("dialog .good");
	assert.deepEqual(twin.sheet, buffer);
	assert.deepEqual(faults, []);
	await close();
});

test("a form is saved twice, and what another saved meanwhile stays", async () => {
	const { page, faults, close } = await start({ language: "en" }, "settings");
	const save = async () => {
		twin.calls = [];
		await page.locator("[data-key=settings] [type=submit]").click();
		await page.waitForFunction(() => !document.querySelector("[data-key=settings] form").hasAttribute("aria-busy"));
		return twin.calls.find(({ method }) => method === "PATCH").body;
	};
	await page.fill("[name=title]", "First Example");
	assert.deepEqual(await save(), { title: "First Example" });
	twin.books.settings = { ...twin.books.settings, title: "First Example", legalName: "Another SAS", exitsBadged: true };
	twin.tell("settings");
	await page.waitForSelector("[name=legalName][value='Another SAS']");
	await page.fill("[name=contact]", "desk@example.org");
	assert.deepEqual(await save(), { contact: "desk@example.org" });
	assert.deepEqual(faults, []);
	await close();
});

test("the settings tell the time zone and the end of the day, and where both are set", async () => {
	const { page, faults, close } = await start({ language: "fr" }, "settings");
	const text = (await page.locator("[data-key=clock]").textContent()).replace(/\s+/g, " ");
	assert.match(text, /Fuseau horaireEurope\/Paris.*se termine à04:00.*loquet\.conf.*time_zone, day_cut/);
	assert.deepEqual(faults, []);
	await close();
});

test("the head of the page tells when doors are away", async () => {
	const { page, faults, close } = await start({ language: "en" });
	const head = (text) => page.waitForFunction((wanted) => document.querySelector("#top .live").textContent === wanted, text);
	await head("Doors not connected: 1 of 3");
	twin.books.doors.forEach((door) => {
		door.online = false;
	});
	twin.tell("doors");
	await head("No door connected");
	assert.deepEqual(await axe(page, "#top"), []);
	twin.books.doors.forEach((door) => {
		door.online = true;
	});
	twin.tell("doors");
	await head("Live");
	assert.deepEqual(faults, []);
	await close();
});

test("each door's clock and log are told in words, and what is wrong among the alarms", async () => {
	Object.assign(twin.books.doors[0], { clock: "synchronised", journal: "well", chainBroken: null, missing: 0, stages: {} });
	Object.assign(twin.books.doors[1], { clock: "unset", journal: "stalled", alarms: [], reader: [], chainBroken: null, missing: 3 });
	Object.assign(twin.books.doors[2], { clock: null, journal: null, chainBroken: 7 });
	const { page, faults, close } = await start({ language: "en" });
	assert.deepEqual((await page.locator("[data-key=alarms] li").allTextContents()).slice(0, 2), [
		"back-board: its clock is not set: rights with hours or dates are refused",
		"back-board: its disk takes nothing: what happens waits in its memory"]);
	await visit(page, "doors");
	const facts = (door) => page.locator(`[data-key='${door}'] dl`).evaluate((list) => Object.fromEntries([...list.querySelectorAll("dt")].map((term) => [term.textContent, term.nextSibling.textContent])));
	const { Clock: clock, Log: log } = await facts("front-board/front");
	assert.deepEqual([clock, log], ["on time, by the network", "written complete here, and as signed"]);
	const back = await facts("back-board/back");
	assert.deepEqual([back["Mode, as commanded"], back["Position, as observed"]], ["unlocked", "stands open"]);
	assert.deepEqual([back.Clock, back.Log], ["not set", "not written not here yet: 3"]);
	const shed = await facts("shed-board/shed");
	assert.deepEqual([shed.Clock, shed.Log], ["not told", "not told altered or damaged"]);
	assert.match(await page.locator("[data-key='front-board/front']").textContent(), /No tap was timed/);
	assert.deepEqual(await axe(page), []);
	assert.deepEqual(faults, []);
	await close();
});

test("a broker that is away is told of, and forgotten when it is back", async () => {
	const { page, faults, close } = await start({ language: "fr" });
	assert.equal(await page.locator("[data-key=broker]").count(), 0);
	twin.broker = false;
	twin.tell("doors");
	await page.waitForSelector("[data-key=broker][role=alert]");
	await page.waitForFunction(() => document.querySelector("#top .live").textContent === "Courtier injoignable");
	assert.deepEqual(await axe(page), []);
	await visit(page, "doors");
	assert.match(await page.locator("[data-key=broker]").textContent(), /continuent de décider seules/);
	await visit(page, "evacuation");
	assert.match(await page.locator("[data-key=broker]").textContent(), /figer la liste à la main/);
	assert.equal(await page.locator("#drills-title").textContent(), "Exercices");
	twin.books.drills[0].ended = new Date(Date.now() - 190 * 86400000).toISOString();
	twin.tell("muster");
	await page.waitForFunction(() => document.querySelector("#drills-title").textContent === "Exercices aucun depuis six mois");
	twin.broker = true;
	twin.tell("doors");
	await page.waitForSelector("[data-key=broker]", { state: "detached" });
	assert.deepEqual(faults, []);
	await close();
});

test("logging in and the first start", async () => {
	twin.open = false;
	const { page, faults, close } = await start({ language: "fr" });
	assert.deepEqual(await axe(page), []);
	await tabTo(page, "[name=name]");
	await page.keyboard.type("ada");
	await tabTo(page, "[name=password]");
	await page.keyboard.type("wrong");
	await page.keyboard.press("Enter");
	await page.waitForSelector(".refusal:focus");
	assert.equal(await page.locator(".refusal").textContent(), "nom ou mot de passe inconnu");
	await tabTo(page, "[name=password]");
	await page.keyboard.press("Control+A");
	await page.keyboard.type("correct horse");
	await page.keyboard.press("Enter");
	await page.waitForFunction(() => document.querySelector("h1").textContent === "En ce moment");
	await page.locator(".out").click();
	await page.waitForSelector("[name=password]");

	twin.first = true;
	twin.refuse = (method, path, body) => path === "first-run" && (body.password.length < 10
		? [400, { type: "urn:loquet:problem:invalid", detail: "trop court", pointer: "/password" }]
		: body.code !== "c0de" && [403, { type: "urn:loquet:problem:first_code", detail: "code demandé", pointer: "code" }]);
	await page.reload();
	await page.waitForSelector("[name=capacityLegal]");
	assert.deepEqual(await axe(page), []);
	assert.equal(await page.locator("fieldset").count(), 5);
	await page.fill("[name=title]", "Atelier Example");
	await page.fill("[name=capacityLegal]", "40");
	await page.fill("[name=name]", "ada");
	await page.fill("[name=password]", "short");
	await page.keyboard.press("Enter");
	await page.waitForSelector("[name=password][aria-invalid=true]:focus");
	assert.equal(await page.locator("[data-field=password] .wrong").textContent(), "trop court");
	assert.ok(await page.locator("[name=code]").isHidden());
	await page.fill("[name=password]", "correct horse");
	await page.keyboard.press("Enter");
	await page.waitForSelector("[name=code][aria-invalid=true]:focus");
	await page.keyboard.type("c0de");
	await page.keyboard.press("Enter");
	await page.waitForFunction(() => document.querySelector("h1").textContent === "En ce moment");
	const asked = twin.calls.findLast(({ path }) => path === "first-run").body;
	assert.deepEqual([asked.title, asked.capacityLegal, asked.capacitySoft, asked.exitsBadged], ["Atelier Example", 40, undefined, false]);
	twin.refuse = null;
	assert.deepEqual(faults, []);
	await close();
});

test("whoever is logged in changes their own password, on a phone too", async () => {
	const { page, faults, close } = await start({ language: "fr", width: 360, height: 740 });
	await page.locator(".menu").click();
	await page.locator("[data-key=password] button").click();
	assert.deepEqual(await axe(page, "dialog"), []);
	assert.ok(await page.evaluate(() => document.activeElement.name === "password"));
	await page.keyboard.type("guessed wrongly");
	await tabTo(page, "[name=newPassword]");
	await page.keyboard.type("une courte phrase");
	await tabTo(page, "[name=again]");
	await page.keyboard.type("une autre phrase");
	await page.keyboard.press("Enter");
	await page.waitForSelector("[name=again][aria-invalid=true]:focus");
	assert.equal(await page.locator("[data-field=again] .wrong").textContent(), "Les deux saisies diffèrent.");
	assert.equal(twin.calls.filter(({ path }) => path === "session/password").length, 0);
	await page.fill("[name=again]", "une courte phrase");
	await page.keyboard.press("Enter");
	await page.waitForSelector("dialog [name=password][aria-invalid=true]:focus");
	await page.fill("dialog [name=password]", "correct horse");
	await page.keyboard.press("Enter");
	await page.waitForSelector("dialog", { state: "detached" });
	assert.deepEqual(twin.calls.findLast(({ path }) => path === "session/password").body, { password: "correct horse", newPassword: "une courte phrase" });
	// The page goes on in the new session: what it changes next is not refused.
	await page.evaluate(() => {
		location.hash = "#/evacuation";
	});
	await page.locator(".tick").first().click();
	await page.waitForFunction(() => !document.querySelector("main").textContent.includes("pas encore envoyé"));
	assert.ok(twin.calls.some(({ path }) => path === "muster/ticks"));
	assert.equal(await page.locator("[href='/muster.html?lang=fr']").textContent(), "Liste simple");
	assert.deepEqual(faults, []);
	await close();
});

test("whatever the office notes in its audit has words", async () => {
	const words = await readFile(join(WEB, "words.js"), "utf-8");
	const office = join(WEB, "../office");
	const acts = new Set();
	for (const name of (await readdir(office)).filter((one) => one.endsWith(".c"))) {
		const text = await readFile(join(office, name), "utf-8");
		// Acts are the only texts of this shape, but for names of files and a word of SQL.
		for (const [, act] of text.matchAll(/"(?!excluded\.)([a-z_-]+\.(?!csv|html|db)[a-z_]+)"/g)) {
			acts.add(act);
		}
	}
	assert.ok(acts.size > 55, String(acts.size));
	assert.deepEqual([...acts].filter((act) => !words.includes(`"act.${act}": [`)), []);
});

test("with the keyboard alone: open a door, correct a visit, enrol a badge", async () => {
	const { page, faults, close } = await start({ language: "en" });
	await page.keyboard.press("Shift+Tab");
	await page.evaluate(() => document.querySelector("#skip").focus());
	await page.keyboard.press("Enter");
	await tabTo(page, "[aria-label='Open front']");
	await page.keyboard.press("Enter");
	await tabTo(page, "dialog [name=reason]");
	await page.keyboard.type("Parcel");
	await page.keyboard.press("Enter");
	await page.waitForSelector("dialog", { state: "detached" });
	assert.deepEqual(twin.calls.findLast(({ method }) => method === "POST"), { method: "POST", path: "doors/front-board/front/open", body: { reason: "Parcel" }, language: "en" });
	assert.ok(await page.evaluate(() => document.activeElement.matches("[aria-label='Open front']")));

	await tabTo(page, "#navigation [href='#/visits']", 200);
	await page.keyboard.press("Enter");
	await page.waitForFunction(() => document.querySelector("h1").textContent === "Visits");
	await tabTo(page, "[aria-label='Correct the visit of Ada Example']");
	await page.keyboard.press("Enter");
	await tabTo(page, "dialog [name=halfDays]");
	await page.keyboard.press("ArrowUp");
	await tabTo(page, "dialog [name=reason]");
	await page.keyboard.type("Badge forgotten");
	await page.keyboard.press("Enter");
	await page.waitForSelector("dialog", { state: "detached" });
	// What was not touched is not sent.
	assert.deepEqual(twin.calls.findLast(({ method }) => method === "PATCH").body, { reason: "Badge forgotten", halfDays: 2, revision: "1-1-0-0" });

	await tabTo(page, "#navigation [href='#/members']", 200);
	await page.keyboard.press("Enter");
	await page.waitForSelector("#search");
	await tabTo(page, "#search");
	await page.keyboard.type("élodie");
	await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 1);
	assert.ok(await page.evaluate(() => document.activeElement.matches("#search")));
	await tabTo(page, "tbody a");
	await page.keyboard.press("Enter");
	await page.waitForFunction(() => document.querySelector("h1").textContent.startsWith("Élodie"));
	await tabTo(page, "section .head button");
	await page.keyboard.press("Enter");
	await tabTo(page, "dialog [name=door]");
	await tabTo(page, "dialog [type=submit]");
	await page.keyboard.press("Enter");
	await page.waitForSelector("dialog", { state: "detached" });
	await page.waitForFunction(() => document.querySelector("#news").textContent === "The badge is enrolled.");
	assert.deepEqual(twin.calls.findLast(({ method }) => method === "POST").body, { door: "front-board/front" });
	assert.deepEqual(faults, []);
	await close();
});

test("the welcome sheet tells the hours, on one page", async () => {
	Object.assign(twin.books.people[0], { profile: "guests", anyTime: false });
	const { page, faults, close } = await start({ language: "en" }, "members/p1/welcome");
	const lines = () => page.locator(".sheet h2:has-text('Your hours') + ul li").allTextContents();
	assert.deepEqual(await lines(), ["front, entry: Monday to Friday: 08:00–20:00 ; Saturday: 09:00–13:00", "front, exit: always"]);
	const pdf = (await page.pdf({ format: "A4" })).toString("latin1");
	assert.equal(Number(/\/Count\s+(\d+)/.exec(pdf)[1]), 1);
	await page.emulateMedia({ media: "print" });
	assert.ok(await page.locator("#navigation").isHidden());
	await page.emulateMedia({ media: "screen" });
	Object.assign(twin.books.people[0], { anyTime: true });
	twin.tell("people");
	await page.waitForFunction(() => !document.querySelector(".sheet").textContent.includes("08:00"));
	assert.deepEqual(await lines(), ["front, entry: always", "front, exit: always"]);
	assert.deepEqual(faults, []);
	await close();
});

test("a badge is enrolled at a chosen reader", async () => {
	const [{ reader }] = twin.books.doors;
	reader.push({ ...reader[0], name: "front-out" });
	const { page, faults, close } = await start({ language: "fr" }, "members/p1");
	await page.locator("main section .head button >> nth=0").click();
	assert.deepEqual(await page.locator("dialog [name=door] option").allTextContents(), [
		"front (space)\u00a0: n’importe quel lecteur", "front (space)\u00a0: front-in", "front (space)\u00a0: front-out",
		"back (studio)\u00a0: back-in, en défaut", "shed (space)"]);
	await page.selectOption("dialog [name=door]", { label: "front (space)\u00a0: front-out" });
	await page.locator("dialog [type=submit]").click();
	await page.waitForSelector("dialog", { state: "detached" });
	assert.deepEqual(twin.calls.findLast(({ method }) => method === "POST").body, { door: "front-board/front", reader: "front-out" });
	assert.deepEqual(faults, []);
	await close();
});

test("with the keyboard a visitor's visit is ended on purpose, and the focus is not lost with the row", async () => {
	const { page, faults, close } = await start({ language: "en" }, "visitors");
	await tabTo(page, "[aria-label='End the visit of Gus Guest']");
	await page.keyboard.press("Enter");
	await page.waitForSelector("dialog[open]");
	// The way back has the focus, not what cannot be undone.
	assert.equal(await page.evaluate(() => document.activeElement.textContent), "Cancel");
	await page.keyboard.press("Enter");
	await page.waitForSelector("dialog", { state: "detached" });
	assert.equal(await page.locator("tbody tr").count(), 2);
	assert.ok(await page.evaluate(() => document.activeElement.matches("[aria-label='End the visit of Gus Guest']")));
	await page.keyboard.press("Enter");
	await tabTo(page, "dialog [type=submit]");
	await page.keyboard.press("Enter");
	await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 1);
	await page.waitForFunction(() => document.activeElement.matches("main h1"));
	assert.deepEqual(faults, []);
	await close();
});

test("an arrival shows without reload and takes nobody's focus", async () => {
	const { page, faults, close } = await start();
	await page.evaluate(() => {
		window.stayed = true;
	});
	await page.locator("[aria-label='Open back']").focus();
	twin.arrive("p9", "Ivy Example");
	await page.waitForFunction(() => [...document.querySelectorAll("tbody th")].some((cell) => cell.textContent.startsWith("Ivy Example")));
	await page.waitForFunction(() => document.querySelector("#news").textContent.startsWith("Ivy Example arrived at"));
	assert.ok(await page.evaluate(() => window.stayed && document.activeElement.matches("[aria-label='Open back']")));
	// Who is hidden is counted and never named.
	assert.ok(!(await page.content()).includes("Bob Example"));
	assert.deepEqual(faults, []);
	await close();
});

test("a zone has limits of its own beside those of the whole space", async () => {
	const { page, faults, close } = await start({ language: "en" });
	await visit(page, "now");
	const card = async (key) => (await page.locator(`[data-key=${key}]`).textContent()).replace(/\s+/g, " ");
	assert.match(await card("total"), /Whole space.*15 people.*Capacity 40/);
	assert.match(await card("zone-studio"), /11 people.*Capacity 12.*nearly full/);
	await visit(page, "settings");
	await page.locator("[aria-label='Edit the capacity of studio']").click();
	await page.fill("dialog [name=legal]", "11");
	await page.fill("dialog [name=soft]", "");
	await page.locator("dialog [type=submit]").click();
	await page.waitForSelector("dialog", { state: "detached" });
	assert.deepEqual(twin.calls.find(({ method }) => method === "PATCH").body, { legal: 11, soft: null });
	await page.waitForFunction(() => /studio\s*11\s*–/.test(document.querySelector("[data-key=zones]").textContent));
	assert.deepEqual(faults, []);
	await close();
});

test("without the office the evacuation list goes on, and catches up", async () => {
	const { page, close } = await start({ language: "en" }, "evacuation");
	await page.evaluate(() => {
		window.stayed = true;
	});
	const ticks = () => twin.calls.filter(({ path }) => path === "muster/ticks").map(({ body }) => body);
	await page.locator(".tick >> nth=0").click();
	await page.waitForFunction(() => document.querySelector(".tick[aria-pressed=true]") && !document.querySelector(".tick").textContent.includes("not sent yet"));
	await twin.stop();
	await page.waitForFunction(() => document.querySelector("#connection")?.textContent.startsWith("Connection lost. What is shown dates from"));
	await page.locator(".tick >> nth=1").click();
	await page.waitForFunction(() => document.querySelectorAll(".tick")[1].textContent.includes("not sent yet"));
	assert.deepEqual(await axe(page), []);
	await twin.start();
	await page.waitForFunction(() => document.querySelector("#connection").hidden);
	await page.waitForFunction(() => !document.body.textContent.includes("not sent yet"));
	assert.deepEqual(ticks(), [{ person: "p1", ticked: true }, { person: "p2", ticked: true }]);
	assert.ok(await page.evaluate(() => window.stayed));
	await close();
});

test("what a door refuses is told in the reader's language, whatever the door said", async () => {
	const { page, faults, close } = await start({ language: "fr" });
	const refused = async (verdict, told) => {
		twin.verdict = { state: "refused", ...verdict };
		await page.locator("[aria-label='Ouvrir front']").click();
		await page.fill("dialog [name=reason]", "x");
		await page.keyboard.press("Enter");
		await page.waitForSelector("dialog .refusal:focus");
		assert.equal((await page.locator("dialog .refusal").textContent()).replace(/\s/g, " "), told);
		await page.keyboard.press("Escape");
		await page.waitForSelector("dialog", { state: "detached" });
	};
	for (const text of ["the door is blocked or locked down: set another mode first", "la porte est condamnée ou en confinement : changer d’abord son mode"]) {
		await refused({ reason: "not_possible", text }, "Refusé : la porte est condamnée ou confinée : choisir d’abord un autre mode.");
	}
	await refused({ reason: "not_permitted", text: "the key may not ask for that, or not there" },
		"Refusé : le bureau n’a pas le droit de le demander là : voir [command office] dans le loquet.conf de la porte.");
	await refused({ reason: "not_possible", text: "something new" }, "Refusé : impossible pour le moment.");
	await refused({ reason: "new_word", text: "something new" }, "Refusé : something new.");
	assert.deepEqual(faults, []);
	await close();
});

test("whatever a door can refuse has words of its own", async () => {
	const words = await readFile(join(WEB, "words.js"), "utf-8");
	const firmware = join(WEB, "../../firmware");
	const reasons = [...(await readFile(join(firmware, "core/order.def"), "utf-8")).matchAll(/^REFUSAL\(\w+, "(\w+)"/gm)].map(([, word]) => word);
	assert.ok(reasons.length > 15);
	for (const reason of [...reasons, "exists", "not_found"]) {
		assert.ok(words.includes(`"refusal.${reason}": [`), reason);
	}
	const orders = await readFile(join(firmware, "door/orders.c"), "utf-8");
	const said = new Set([...orders.matchAll(/lq_in\([^"]*?"([^"]+)",\s*"([^"]+)"\)/g)].flatMap(([, english, french]) => [english, french]));
	const [, table] = /DOORS_SAY = \{(.*?)\};/s.exec(await readFile(join(WEB, "api.js"), "utf-8"));
	const known = [...table.matchAll(/"([^"]+)": "(\w+)"/g)];
	assert.equal(known.length, 8);
	for (const [, text, key] of known) {
		assert.ok(said.has(text), text);
		assert.ok(words.includes(`"says.${key}": [`), key);
	}
});

test("what is to be filled in is asked for in plain words, before anything is sent", async () => {
	const { page, faults, close } = await start({ language: "fr" });
	await page.locator("[aria-label='Ouvrir front']").click();
	await page.keyboard.press("Enter");
	await page.waitForSelector("dialog [name=reason][aria-invalid=true]:focus");
	assert.equal(await page.locator("dialog [data-field=reason] .wrong").textContent(), "À remplir.");
	assert.equal(twin.calls.filter(({ method }) => method === "POST").length, 0);
	assert.deepEqual(await axe(page, "dialog"), []);
	assert.deepEqual(faults, []);
	await close();
});

test("a name that has just come moves, unless its reader wants no motion", async () => {
	for (const [reducedMotion, animation] of [["reduce", "none"], ["no-preference", "arrive"]]) {
		const { page, faults, close } = await start();
		await page.emulateMedia({ reducedMotion });
		twin.arrive("p9", "Ivy Example");
		// At once: it is not new for long.
		const shown = await page.waitForFunction(() => {
			const one = document.querySelector(".recent .fresh");
			return one && getComputedStyle(one).animationName;
		});
		assert.equal(await shown.jsonValue(), animation);
		assert.deepEqual(faults, []);
		await close();
	}
});

test("a refusal stands in the reader's language beside the field that it names", async () => {
	const { page, faults, close } = await start({ language: "fr" }, "visits");
	twin.refuse = (method) => method === "PATCH" && [409, { type: "urn:loquet:problem:visit_final", detail: "cette visite est définitive" }];
	await page.locator(".do button >> nth=0").click();
	await page.fill("dialog [name=reason]", "x");
	await page.keyboard.press("Enter");
	await page.waitForSelector("dialog .refusal:focus");
	assert.equal(await page.locator("dialog .refusal").textContent(), "cette visite est définitive");
	twin.refuse = (method) => method === "PATCH" && [422, { type: "urn:loquet:problem:order", detail: "le départ précède l’arrivée", pointer: "/checkOut" }];
	await page.locator("dialog [type=submit]").click();
	await page.waitForSelector("dialog [name=checkOut][aria-invalid=true]:focus");
	assert.equal(await page.locator("dialog [data-field=checkOut] .wrong").textContent(), "le départ précède l’arrivée");
	assert.ok(await page.locator("dialog .refusal").isHidden());
	assert.equal(twin.calls.at(-1).language, "fr");
	twin.refuse = null;
	assert.deepEqual(faults, []);
	await close();
});

test("the week's list and its drawing agree", async () => {
	const { page, faults, close } = await start({}, "rules");
	await page.locator(".schedules > li:nth-child(2) button >> nth=0").click();
	// 22:00 to 02:00 on Friday and Sunday: the last one goes on into Monday.
	assert.equal(await page.locator("dialog .drawing .full").count(), 4);
	await page.locator("dialog .period input[aria-label=Sunday]").uncheck();
	assert.equal(await page.locator("dialog .drawing .full").count(), 2);
	await page.locator("dialog [type=submit]").click();
	await page.waitForSelector("dialog", { state: "detached" });
	assert.deepEqual(twin.calls.findLast(({ method }) => method === "PUT").body.periods, [{ from: 4 * 1440 + 1320, to: 5 * 1440 + 120 }]);
	assert.deepEqual(faults, []);
	await close();
});

test("a day ends at the cut-off hour of the space", async () => {
	const { page, close } = await start();
	const todays = await page.evaluate(async () => {
		const { today } = await import("/when.js");
		return ["2026-03-02T02:59:59Z", "2026-03-02T03:00:00Z", "2026-03-29T01:30:00Z", "2026-03-29T02:00:00Z"].map((at) => today(new Date(at)));
	});
	assert.deepEqual(todays, ["2026-03-01", "2026-03-02", "2026-03-28", "2026-03-29"]);
	await close();
});

test("the public board", async () => {
	const { page, faults, close } = await open(browser, twin.url, { language: "fr" });
	await page.goto(twin.url + "/board");
	await page.waitForSelector(".zones strong");
	assert.deepEqual(await axe(page), []);
	assert.ok((await page.locator(".zones").textContent()).includes("au moins"));
	assert.deepEqual(await page.locator(".names li").allTextContents(), ["Ada Example", "Flo Example"]);
	await page.locator(".languages button >> nth=1").click();
	assert.ok((await page.locator(".zones").textContent()).includes("at least"));
	assert.deepEqual(faults, []);
	await close();
});

test("a planted stranger and a planted error are noticed", async () => {
	const { page, faults, close } = await open(browser, twin.url);
	await page.route(twin.url + "/", async (route) => {
		const answer = await route.fetch();
		await route.fulfill({ response: answer, headers: { "content-type": "text/html" }, body: (await answer.text()).replace("</body>", "<img src=\"http://127.0.0.2:9/x.png\" alt=\"\"><script>throw new Error('planted')</script></body>") });
	});
	await page.goto(twin.url + "/");
	await page.waitForSelector("main h1:focus");
	for (const planted of ["http://127.0.0.2:9/x.png", "planted"]) {
		await until(() => faults.some((fault) => fault.includes(planted)), `${planted} in ${faults}`);
	}
	await close();
});

test("the content security policy stops what is written into the page", async () => {
	const { page, faults, close } = await start();
	await page.evaluate(() => {
		const script = document.createElement("script");
		script.textContent = "window.broken = true";
		document.body.append(script);
	});
	assert.equal(await page.evaluate(() => window.broken), undefined);
	await until(() => faults.some((fault) => fault.includes("Content Security Policy")), `the refusal in ${faults}`);
	await close();
});

function weight(files) {
	return files.reduce((sum, file) => sum + gzipSync(file).length, 0);
}

test("the whole page weighs at most 150 KiB", async () => {
	const files = await Promise.all((await readdir(WEB)).map((name) => readFile(join(WEB, name))));
	assert.ok(files.length > 10);
	assert.ok(weight(files) <= MOST_BYTES, `${weight(files)} bytes`);
	// What cannot be packed tips the scale.
	assert.ok(weight([...files, randomBytes(MOST_BYTES)]) > MOST_BYTES);
});

test("every text is there in both languages, set as each is set", async () => {
	const words = await readFile(join(WEB, "words.js"), "utf-8");
	const rows = [...words.matchAll(/^\t"([^"]+)": \["([^"]*)", "([^"]*)"\],$/gm)];
	assert.ok(rows.length > 350);
	assert.equal(new Set(rows.map(([, key]) => key)).size, rows.length);
	for (const [, key, english, french] of rows) {
		assert.ok(english && french, key);
		assert.ok(!/['"]/.test(english + french), key + " has a straight apostrophe");
		assert.deepEqual([...english.matchAll(/\{\d\}/g)].map(String).sort(), [...french.matchAll(/\{\d\}/g)].map(String).sort(), key);
		assert.ok(!/[^ ][;!?]/.test(french) && !/\p{L}:/u.test(french), key + " lacks a space");
	}
	const keys = new Set(rows.map(([, key]) => key));
	for (const name of await readdir(WEB)) {
		if (name.endsWith(".js")) {
			for (const [, key] of (await readFile(join(WEB, name), "utf-8")).matchAll(/\bt\("([^"]+)"[,)]/g)) {
				assert.ok(keys.has(key), `${name}: ${key}`);
			}
		}
	}
});
