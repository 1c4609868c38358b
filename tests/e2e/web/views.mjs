// Every view that house.mjs does not walk through, with the real office and a real door behind it, as a
// manager, an operator and an auditor see them.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { axe, launch, open } from "./browser.mjs";

const URL = process.env.LOQUET_URL;
const PASSWORD = "a short sentence is best";

let browser;
let page;
let faults;
let shut;
let door;

// One line to whoever stands at the door; their answer.
function hands() {
	const socket = connect(process.env.LOQUET_HANDS);
	const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
	return {
		async do(order) {
			socket.write(order + "\n");
			const { value } = await answers.next();
			assert.ok(!value.startsWith("failed"), `${order}: ${value}`);
			return value;
		},
		close: () => socket.destroy(),
	};
}

before(async () => {
	door = hands();
	browser = await launch();
	({ page, faults, close: shut } = await open(browser, URL, { language: "en" }));
});

after(async () => {
	door.close();
	await browser.close();
});

const dialogGone = () => page.waitForSelector("dialog", { state: "detached" });
const submit = () => page.locator("dialog [type=submit]").click();

async function waitForText(text, where, there) {
	try {
		await page.waitForFunction(([wanted, place, wish]) => Boolean(document.querySelector(place)?.textContent.includes(wanted)) === wish, [text, where, there]);
	} catch (error) {
		throw new Error(`${there ? "no " : ""}“${text}” in ${where}: ${await page.locator(where).allTextContents()}`, { cause: error });
	}
}

const shows = (text, where = "main") => waitForText(text, where, true);
const showsNot = (text, where = "main") => waitForText(text, where, false);

async function title(text) {
	await page.waitForFunction((wanted) => document.querySelector("main h1")?.textContent === wanted && !document.querySelector("main").hasAttribute("aria-busy"), text);
}

async function go(view, heading) {
	await page.locator(`#navigation [href='#/${view}']`).click();
	await title(heading);
}

async function send() {
	await submit();
	await dialogGone();
}

async function remove(label) {
	await page.locator(`[aria-label='${label}']`).click();
	await send();
}

// What a click lets the reader keep: its name, and its text.
async function kept(click) {
	const [file] = await Promise.all([page.waitForEvent("download"), click()]);
	return [file.suggestedFilename(), await readFile(await file.path(), "utf-8")];
}

async function logIn(name) {
	await page.locator(".out").click();
	await page.fill("[name=name]", name);
	await page.fill("[name=password]", PASSWORD);
	await page.keyboard.press("Enter");
	await page.waitForFunction((account) => document.querySelector("#top .account")?.textContent.startsWith(account), name);
}

test("from another machine the first start asks for the code in the log", async () => {
	await page.setExtraHTTPHeaders({ "X-Forwarded-For": "192.0.2.7" });
	await page.goto(URL);
	await page.fill("[name=title]", "Atelier Example");
	await page.fill("[name=name]", "ada");
	await page.fill("[name=password]", PASSWORD);
	assert.ok(await page.locator("[name=code]").isHidden());
	await page.keyboard.press("Enter");
	await page.waitForSelector("[name=code][aria-invalid=true]:focus");
	await page.keyboard.type("guessed");
	await page.keyboard.press("Enter");
	await page.waitForFunction(() => !document.querySelector("form").hasAttribute("aria-busy"));
	await page.waitForSelector("[name=code][aria-invalid=true]:focus");
	await page.fill("[name=code]", await door.do("code"));
	await page.keyboard.press("Enter");
	await title("Now");
	await page.setExtraHTTPHeaders({});
});

test("settings: the space, accounts, tokens", async () => {
	await go("settings", "Settings");
	await page.fill("[name=capacityLegal]", "41");
	await page.fill("[name=contact]", "desk@example.org");
	await page.locator("main [data-key=settings] [type=submit]").click();
	await shows("Saved.", "#news");
	await page.reload();
	await title("Settings");
	assert.equal(await page.inputValue("[name=capacityLegal]"), "41");
	assert.equal(await page.inputValue("[name=halfDayS]"), "5:00");
	await page.fill("[name=halfDayS]", "4:75");
	await page.locator("main [data-key=settings] [type=submit]").click();
	await page.waitForSelector("[name=halfDayS][aria-invalid=true]:focus");
	await page.fill("[name=halfDayS]", "4:45");
	await page.fill("[name=rejoinMin]", "1:30");
	await page.locator("main [data-key=settings] [type=submit]").click();
	// The form that shows what was saved has taken the place of the one before.
	await page.waitForSelector("[name=rejoinMin][value='1:30']");
	const { halfDayS, rejoinMin } = await page.evaluate(async () => (await fetch("/api/v1/settings")).json());
	assert.deepEqual([halfDayS, rejoinMin], [17100, 90]);
	await page.fill("[name=retentionDays]", "93");
	await page.locator("main [data-key=settings] [type=submit]").click();
	await page.waitForSelector("[name=retentionDays][aria-invalid=true]:focus");
	assert.equal(await page.locator("[data-field=retentionDays] .wrong").textContent(), "expected a number from 1 to 92");

	for (const [name, role] of [["desk", "operator"], ["eve", "auditor"]]) {
		await page.locator("[data-key=accounts] .head button").click();
		await page.fill("dialog [name=name]", name);
		await page.selectOption("dialog [name=role]", role);
		await page.fill("dialog [name=password]", "short");
		await submit();
		await page.waitForSelector("dialog [name=password][aria-invalid=true]:focus");
		await page.fill("dialog [name=password]", PASSWORD);
		await send();
		await shows(name, "[data-key=accounts]");
	}
	await page.locator("[data-key=tokens] .head button").click();
	await page.fill("dialog [name=name]", "billing");
	await page.check("dialog .scope[value=figures]");
	await submit();
	await page.waitForSelector("dialog .secret input");
	assert.match(await page.inputValue("dialog .secret input"), /^loquet_[\w-]{43}$/);
	await page.keyboard.press("Escape");
	await dialogGone();
	await shows("billing", "[data-key=tokens]");
	await page.locator("[data-key=tokens] .do button").click();
	await send();
	await showsNot("billing", "[data-key=tokens]");
});

test("rules: special days, a week, a profile, opening hours", async () => {
	await go("rules", "Rules");
	const section = (name) => `section[aria-labelledby='rules-${name}']`;
	await page.locator(`${section("Specialdays")} .head button`).first().click();
	await page.fill("dialog [name=name]", "holidays");
	await page.fill("dialog .date", "2026-02-30");
	await submit();
	await page.waitForSelector("dialog .refusal:not([hidden])");
	await page.fill("dialog .date", "12-25");
	await page.fill("dialog .label", "Christmas");
	await send();
	await shows("Christmas");

	await page.locator(`${section("Schedules")} > .head button`).first().click();
	await submit();
	await page.waitForSelector("dialog [name=name][aria-invalid=true]:focus");
	await page.fill("dialog [name=name]", "office");
	await page.locator("dialog .editor >> nth=0").locator("> button").click();
	await page.locator("dialog .editor >> nth=1").locator("> button").click();
	await send();
	await shows("holidays", section("Schedules"));

	// The door of the house is to stay locked at any time of the day.
	await page.locator(`${section("Schedules")} > .head button`).first().click();
	await page.fill("dialog [name=name]", "never");
	await send();
	await shows("never", section("Schedules"));

	await page.locator(`${section("Profiles")} .head button`).first().click();
	await page.fill("dialog [name=name]", "weekdays");
	await page.selectOption("dialog .point", "front/entry");
	await page.selectOption("dialog .schedule", "office");
	await send();
	await shows("weekdays");
	await page.locator("[aria-label*=weekdays] >> nth=0").click();
	await page.selectOption("dialog .schedule", "");
	await send();

	await page.locator(`${section("Openinghoursofdoors")} .head button`).first().click();
	await page.selectOption("dialog [name=schedule]", "never");
	await send();
	await shows("front", section("Openinghoursofdoors"));
	await page.locator("[aria-label='Remove never']").click();
	await submit();
	await page.waitForSelector("dialog .refusal:not([hidden])");
	assert.match(await page.locator("dialog .refusal").textContent(), /it is used/);
	await page.keyboard.press("Escape");
	await dialogGone();
	await page.locator(`${section("Openinghoursofdoors")} .do button >> nth=1`).click();
	await send();
	await shows("weekdays");
});

test("visitors: announced, let in by a badge of the pool, gone", async () => {
	await go("members", "Members");
	await page.locator("main .head .primary").click();
	await page.fill("dialog [name=name]", "Ada Example");
	await submit();
	await title("Ada Example");

	await go("visitors", "Visitors");
	await page.locator("main .head .primary").click();
	await page.fill("dialog [name=name]", "Vi Example");
	await page.fill("dialog [name=host]", "Nobody Here");
	await page.fill("dialog [name=purpose]", "A meeting");
	await submit();
	await page.waitForSelector("dialog [name=host][aria-invalid=true]:focus");
	await page.fill("dialog [name=host]", "Ada Example");
	await send();
	await shows("Ada Example");
	await shows("expected now");

	await page.locator("[aria-label='Edit Vi Example']").click();
	await page.fill("dialog [name=purpose]", "A long meeting");
	await send();
	await shows("A long meeting");

	await page.locator("[aria-label*='Badge for Vi Example']").click();
	const waits = page.waitForResponse(async (answer) => answer.url().includes("/commands/") && (await answer.json()).state === "taken");
	await submit();
	await waits;
	await door.do("present");
	await dialogGone();
	await page.waitForFunction(() => document.querySelector("tbody .tags").textContent.includes("adge"));
	await door.do("remove");
	await door.do("enter");
});

test("evacuation: who is in is ticked off, and the drill is entered", async () => {
	await go("evacuation", "Evacuation");
	await shows("Vi Example");
	await shows("guest of Ada Example");
	const score = (at, count) => at.waitForFunction((wanted) => document.querySelector(".score strong")?.textContent === wanted, count);
	assert.equal(await page.locator(".score strong").textContent(), "1", await page.locator(".muster").textContent());
	// Two people tick off at once: each sees what the other did.
	const other = await open(browser, URL, { language: "fr", width: 360, height: 740 });
	await other.page.goto(URL + "/#/evacuation");
	await other.page.fill("[name=name]", "desk");
	await other.page.fill("[name=password]", PASSWORD);
	await other.page.keyboard.press("Enter");
	await score(other.page, "1");
	await page.locator(".tick").click();
	await score(other.page, "0");
	await other.page.locator(".tick").click();
	await score(page, "1");
	await page.locator(".tick").click();
	await score(other.page, "0");
	assert.deepEqual(other.faults, []);
	await other.close();
	await showsNot("not sent yet");
	await page.locator("main .head button >> nth=1").click();
	await page.fill("dialog [name=remarks]", "Four minutes");
	await send();
	await shows("Four minutes");
	const [name, text] = await kept(() => page.locator("[data-key=drills] .head button").click());
	assert.equal(name, "drills.csv");
	assert.match(text, /^began,ended,remarks,by\r\n[^,]+Z,[^,]+Z,Four minutes,ada\r\n$/);
	await page.emulateMedia({ media: "print" });
	assert.ok(await page.locator("[data-key=drills] table").isVisible());
	assert.ok(await page.locator("[data-key=drills] .head button").isHidden());
	await page.emulateMedia({ media: "screen" });
	await shows("Exits are not badged: at least 1");
	const printed = await page.context().newPage();
	await printed.goto(URL + "/muster.html");
	assert.deepEqual(await printed.locator("tbody td").allTextContents().then((cells) => cells.slice(0, 3)), ["☑", "Vi Example", "Ada Example"]);
	assert.match(await printed.locator("main").textContent(), /Exits are not badged: at least 1/);
	assert.deepEqual(await axe(printed), []);
	await printed.close();
});

test("visits: exported for a purpose, which the office asks for", async () => {
	await go("visits", "Visits");
	await page.locator("main .head button >> nth=1").click();
	await submit();
	await page.waitForSelector("dialog [name=purpose][aria-invalid=true]:focus");
	await page.fill("dialog [name=purpose]", "The books");
	const [name, text] = await kept(submit);
	await dialogGone();
	assert.match(name, /^visits-\d{4}-\d\d-01-\d{4}-\d\d-\d\d\.csv$/);
	assert.match(text, /check_in.*\r?\n.*Vi Example/);
});

test("figures: the visit is counted, and nobody named", async () => {
	await go("figures", "Figures");
	await shows("1", "[data-key=days] .quiet");
	await page.locator("[data-key=days] summary").click();
	assert.equal(await page.locator("[data-key=days] tbody tr:last-child td:nth-child(5)").textContent(), "1");
	await page.selectOption("#days", "31");
	await page.waitForFunction(() => location.hash.includes("days=31"));
	await title("Figures");
	await showsNot("Vi Example");
});

test("events: planned, with somebody registered, and taken out", async () => {
	await go("events", "Events");
	await page.locator("main .head .primary").click();
	await page.fill("dialog [name=title]", "First aid");
	await page.fill("dialog [name=from]", "2031-03-27T12:00");
	await page.fill("dialog [name=to]", "2031-03-27T11:00");
	await page.selectOption("dialog [name=kind]", "training");
	await page.selectOption("dialog [name=who]", "registered");
	await page.check("dialog .at-door");
	await page.fill("dialog [name=trainer]", "Cyd Example");
	await page.fill("dialog [name=people]", "Ada Example");
	await page.locator("dialog button", { hasText: "Register" }).click();
	await shows("Ada Example", "dialog [data-person]");
	assert.ok(await page.locator("dialog [type=submit]").evaluate((button) => button.getBoundingClientRect().bottom <= innerHeight));
	await submit();
	await page.waitForSelector("dialog [name=to][aria-invalid=true]:focus");
	await page.fill("dialog [name=to]", "2031-03-27T14:00");
	await send();
	await shows("27 Mar 2031, 12:00 – 14:00");

	const links = await page.locator(".do a").evaluateAll((all) => all.map((one) => one.href));
	const [sheet, annexed] = await Promise.all(links.map((href) => page.request.get(href)));
	const text = await sheet.text();
	assert.ok(sheet.ok() && text.includes("Ada Example") && text.includes("Cyd Example") && !text.includes("annex"), text);
	assert.ok(annexed.ok() && (await annexed.text()).includes("class=\"annex\""));
	await page.locator("[aria-label='Attendance, First aid']").click();
	await shows("0 of 1", "dialog");
	await page.keyboard.press("Escape");
	await dialogGone();

	await page.locator("[aria-label='Edit First aid']").click();
	await shows("Ada Example", "dialog [data-person]");
	assert.equal(await page.inputValue("dialog [name=from]"), "2031-03-27T12:00");
	await page.selectOption("dialog [name=rrule]", "FREQ=WEEKLY");
	await send();
	await shows("every week");

	await page.locator("[aria-label='Sheet, First aid']").click();
	assert.equal(await page.inputValue("dialog [name=date]"), "2031-03-27");
	await page.fill("dialog [name=date]", "2031-03-28");
	await submit();
	await page.waitForSelector("dialog [name=date][aria-invalid=true]:focus");
	await page.fill("dialog [name=date]", "2031-04-03");
	await page.check("dialog [name=annex]");
	const [opened] = await Promise.all([page.context().waitForEvent("page"), submit()]);
	await opened.waitForSelector(".annex");
	assert.match(opened.url(), /sheet\?date=2031-04-03&annex=true&lang=en$/);
	await opened.close();
	await dialogGone();

	const address = await page.inputValue("[data-key=calendar] input");
	assert.match(await (await page.request.get(address)).text(), /^BEGIN:VCALENDAR/);
	await page.locator("[data-key=calendar] button").click();
	await shows("Copied.", "#news");

	await page.locator("[data-key=feeds] .head button").click();
	await submit();
	await page.waitForSelector("dialog [name=name][aria-invalid=true]:focus");
	await page.fill("dialog [name=name]", "Ada Example");
	await submit();
	await page.waitForSelector("dialog .secret input");
	const own = await page.inputValue("dialog .secret input");
	await page.locator("dialog .secret button").click();
	await shows("Copied.", "dialog .secret");
	assert.deepEqual(await axe(page, "dialog"), []);
	await page.keyboard.press("Escape");
	await dialogGone();
	await shows("Ada Example", "[data-key=feeds]");
	const whole = await (await page.request.get(own)).text();
	assert.ok(own.startsWith(URL + "/api/v1/calendar.ics?token=") && whole.includes("First aid") && !(await (await page.request.get(address)).text()).includes("First aid"), whole);
	await remove("Remove the calendar of Ada Example");
	await shows("No private calendar.", "[data-key=feeds]");
	assert.equal((await page.request.get(own)).status(), 404);
	await remove("Remove First aid");
	await shows("No event yet.");
});

test("the visitor goes, and the badge comes back", async () => {
	await go("visitors", "Visitors");
	await page.locator("[aria-label*='End the visit of Vi Example']").click();
	await send();
	await shows("No visitor expected.");
});

const views = () => page.locator("#navigation li[data-key] a").evaluateAll((links) => links.map((link) => link.getAttribute("href").slice(2)));

test("an operator sees who is in and nothing of the past", async () => {
	await logIn("desk");
	await page.locator("#top .account").click();
	await page.fill("dialog [name=password]", PASSWORD);
	await page.fill("dialog [name=newPassword]", PASSWORD + "!");
	await page.fill("dialog [name=again]", PASSWORD + "!");
	await send();
	await shows("Password changed.", "#news");
	await page.reload();
	await go("now", "Now");
	assert.deepEqual(await views(), ["now", "members", "visitors", "rules", "events", "doors", "evacuation"]);
	for (const [view, heading] of [["visitors", "Visitors"], ["rules", "Rules"], ["events", "Events"], ["evacuation", "Evacuation"]]) {
		await go(view, heading);
		assert.equal(await page.locator("main .refusal").count(), 0, view);
	}
	// What is not on the menu is not behind its address.
	for (const view of ["settings", "figures", "visits"]) {
		await page.evaluate((hash) => {
			location.hash = hash;
		}, "#/" + view);
		await title("Now");
	}
	const { status, word } = await page.evaluate(async () => {
		const answer = await fetch("/api/v1/visits");
		return { status: answer.status, word: (await answer.json()).type };
	});
	assert.deepEqual([status, word], [403, "urn:loquet:problem:scope"]);
});

test("an auditor sees figures and the audit, who was refused among it", async () => {
	await page.locator(".out").click();
	await page.fill("[name=name]", "desk");
	await page.fill("[name=password]", "guessed wrongly");
	await page.keyboard.press("Enter");
	await page.waitForSelector(".refusal:focus");
	await page.fill("[name=name]", "eve");
	await page.fill("[name=password]", PASSWORD);
	await page.keyboard.press("Enter");
	await title("Figures");
	assert.deepEqual(await views(), ["figures", "settings"]);
	await go("settings", "Settings");
	assert.equal(await page.locator("main [data-key=settings]").count(), 0);
	await shows("account/2", "[data-key=audit]");
	const acts = await page.locator("[data-key=audit] tbody tr td:nth-child(3)").allTextContents();
	for (const act of ["login refused", "first start refused", "visitor announced", "event removed", "account added", "drill put on record", "visits exported"]) {
		assert.ok(acts.includes(act), `${act}: ${acts}`);
	}
	// Whatever was done here has words.
	assert.deepEqual(acts.filter((act) => /^[a-z_-]+\.[a-z]+$/.test(act)), []);
	assert.ok(!(await page.content()).includes("guessed wrongly"));
	await page.fill("#since", "2031-01-01");
	await shows("Nothing.", "[data-key=audit]");
	assert.deepEqual(faults, []);
	await shut();
});
