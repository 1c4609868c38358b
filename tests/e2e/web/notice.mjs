// The notices as the real office makes them: for anybody, to be read on a screen and printed.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, launch, open } from "./browser.mjs";

const URL = process.env.LOQUET_URL;
const SETTINGS = JSON.parse(process.env.LOQUET_NOTICE);
const A4 = [595, 842]; // in points
const NOTICES = [["en", "a4"], ["en", "full"], ["fr", "a4"], ["fr", "full"]];

let browser;

before(async () => {
	browser = await launch();
});

after(() => browser.close());

// The sizes of the pages of a PDF as Chromium writes it.
function sheets(pdf) {
	const text = pdf.toString("latin1");
	const boxes = [...text.matchAll(/\/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)/g)];
	assert.equal(boxes.length, Number(/\/Count\s+(\d+)/.exec(text)[1]));
	return boxes.map(([, width, height]) => [Math.round(width), Math.round(height)]);
}

for (const [lang, size] of NOTICES) {
	test(`${size} in ${lang} is readable and tells what was set`, async () => {
		const { page, faults, close } = await open(browser, URL, { language: lang === "fr" ? "en" : "fr" });
		const answer = await page.goto(`${URL}/notice?lang=${lang}&size=${size}`);
		assert.equal(answer.status(), 200);
		assert.equal(await page.evaluate(() => document.documentElement.lang), lang);
		const text = (await page.locator("main").textContent()).replace(/\s+/g, " ");
		for (const value of [...Object.values(SETTINGS), "77", "1234", "CNIL"]) {
			// The sign is short.
			if (size === "full" || value !== SETTINGS.recipients) {
				assert.ok(text.includes(String(value)), `${value} in ${text}`);
			}
		}
		assert.ok(!/[{}|]/.test(text), text);
		assert.equal(await page.locator("main .blank").count(), 0);
		assert.equal(await page.locator("main script, main b").count(), 0);
		assert.deepEqual(await axe(page), []);
		for (const width of [320, 1280]) {
			await page.setViewportSize({ width, height: 800 });
			assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${width} wide`);
		}
		assert.deepEqual(faults, []);
		await close();
	});

	test(`${size} in ${lang} is printed on A4, and the sign on one sheet`, async () => {
		const { page, close } = await open(browser, URL);
		await page.goto(`${URL}/notice?lang=${lang}&size=${size}`);
		const pages = sheets(await page.pdf({ preferCSSPageSize: true }));
		assert.deepEqual(pages[0], A4);
		assert.ok(size === "a4" ? pages.length === 1 : pages.length >= 1 && pages.length <= 3, `${pages.length} pages`);
		await page.emulateMedia({ media: "print" });
		assert.equal(await page.locator(".bar").isVisible(), false);
		await close();
	});
}

test("a sign that is too long for its sheet would be noticed", async () => {
	const { page, close } = await open(browser, URL);
	await page.goto(`${URL}/notice?lang=fr&size=a4`);
	await page.evaluate(() => document.querySelector("main").append(...Array.from({ length: 40 }, () => document.createElement("p")).map((one) => {
		one.textContent = "Encore une ligne";
		return one;
	})));
	assert.ok(sheets(await page.pdf({ preferCSSPageSize: true })).length > 1);
	await close();
});

for (const where of ["", "board"]) {
	test(`whoever comes to /${where} finds the notice`, async () => {
		const { page, faults, close } = await open(browser, URL, { language: "fr" });
		await page.goto(`${URL}/${where}`);
		await page.waitForSelector("[href^='/notice']");
		assert.deepEqual(await axe(page), []);
		await page.locator("[href^='/notice']").click();
		await page.waitForFunction(() => document.querySelector("h1").textContent.startsWith("Accès par badge"));
		assert.deepEqual(faults, []);
		await close();
	});
}

test("one notice leads to the others, and to the printer", async () => {
	const { page, faults, close } = await open(browser, URL, { language: "fr" });
	await page.goto(`${URL}/notice`);
	assert.equal(await page.locator("h1").textContent(), "Accès par badge : usage de vos données");
	await page.evaluate(() => {
		window.print = () => {
			window.printed = true;
		};
	});
	await page.locator("#print").click();
	assert.ok(await page.evaluate(() => window.printed));
	await page.locator(".bar a[lang=en] >> nth=0").click();
	await page.waitForFunction(() => document.querySelector("h1").textContent === "Access by badge");
	assert.equal(await page.locator(".bar [aria-current=page]").textContent(), "Sign");
	assert.deepEqual(faults, []);
	await close();
});
