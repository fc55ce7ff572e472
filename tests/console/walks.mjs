// The walks that the cloud product's manual shows, click by click, and what follows in a real Envoy.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { read, requestOf } from "./reader.mjs";
import { statusOf } from "./stage.mjs";

/** The words that are clicked, in each language. */
const WORDS = {
  en: {
    keys: "Keys", newKey: "New key", createKey: "Create key", plans: "Usage plans", newPlan: "New usage plan",
    createPlan: "Create usage plan", services: "Services", newService: "New service", createService: "Create service",
    bindKeys: "Bind keys", bind: "Bind", sign: "Sign", disable: "Disable…", reallyDisable: "Disable web",
    created: "Key web created", oneKey: "1 key bound to first.", onePlan: "1 plan bound to release of shop.",
    inForce: "In force on 1 of 1 Envoys", disabled: "web is disabled.",
    conflict: "The key web would have two plans on release of shop: first and second.",
    custom: "Custom", tooShort: "10 to 50 letters, digits, _ and -.", move: "Move web from first to second and bind all", explain: "Explain",
    admitted: "Admitted, unless a limit of the plan is used up", otherSignature: "is not the one that the key makes",
    byDomain: "by its domain \"shop.example.com\"", compareFile: "Compare the file", replace: "Replace the document",
    replaced: "The document is replaced.",
  },
  "zh-CN": {
    keys: "密钥", newKey: "新建密钥", createKey: "提交", plans: "使用计划", newPlan: "新建使用计划",
    createPlan: "提交", services: "服务", newService: "新建服务", createService: "提交",
    bindKeys: "绑定密钥", bind: "绑定", sign: "签名", disable: "禁用…", reallyDisable: "禁用 web",
    created: "已创建密钥 web", oneKey: "已将 1 个密钥 绑定到 first。", onePlan: "已将 1 个使用计划 绑定到 shop 的 release。",
    inForce: "1/1 个 Envoy 上生效", disabled: "已禁用 web。",
    conflict: "密钥 web 在 shop 的 release 环境会有两个使用计划：first 和 second。",
    custom: "自定义", tooShort: "10–50 个字符，支持 a-z、A-Z、0-9、_ 和 -。", move: "将 web 从 first 移到 second，并绑定全部", explain: "请求诊断",
    admitted: "放行，除非计划的限制已用完", otherSignature: "与该密钥生成的签名不同",
    byDomain: "匹配其域名 \"shop.example.com\"", compareFile: "比较文件", replace: "替换配置文档",
    replaced: "已替换配置文档。",
  },
};

/** Walks through the console; `shot` keeps a picture. */
export async function walk(stage, { language, script, sessions, shot = async () => {} }) {
  const words = WORDS[language];
  const reader = await read(stage, { language, script, sessions });
  const { page, click, button, link, room, pick, says, inClicks } = reader;

  await page.goto(`${stage.origin}/console/services`);
  await inClicks(2, "create a service", async () => {
    await click(link(words.newService).first());
    await page.locator("#name").fill("shop");
    await page.locator("#domains").fill("shop.example.com");
    await click(button(words.createService));
  });
  await click(room(words.keys));
  await inClicks(2, "create a key", async () => {
    await click(link(words.newKey).first());
    await page.locator("#name").fill("web");
    await shot(page, "new-key");
    await click(button(words.createKey));
  });
  await says(words.created);
  await says(words.inForce);
  const secretId = await page.locator("#new-secret-id").innerText();
  assert.equal((await page.locator("#new-secret-key").innerText()).length, 40);
  await shot(page, "key-created");
  await page.reload();
  assert.equal(await page.locator("#new-secret-key").count(), 0, "a secret is shown once");

  await inClicks(3, "a custom key that is wrong", async () => {
    await click(link(words.newKey).first());
    await page.locator("#name").fill("own");
    await click(page.locator("#type-custom"));
    await page.locator("#secret_id").fill("AKIDown0001");
    await page.locator("#secret_key").fill("short");
    await click(button(words.createKey));
  });
  await says(words.tooShort);
  assert.equal(await page.locator("#secret_key").inputValue(), "", "a secret is not sent back");

  for (const name of ["first", "second"]) {
    await page.goto(`${stage.origin}/console/plans`);
    await inClicks(2, "create a plan", async () => {
      await click(link(words.newPlan).first());
      await page.locator("#name").fill(name);
      await page.locator("#max_requests_per_second").fill("50");
      await click(button(words.createPlan));
    });
    await inClicks(3, "bind a key", async () => {
      await click(link(words.bindKeys));
      await click(page.locator(`input[name=key][value="${secretId}"]`));
      if (name === "first") await shot(page, "bind-keys");
      await click(button(words.bindKeys));
    });
  }
  await click(room(words.services));
  await click(link("shop"));
  await inClicks(4, "bind a plan to an environment", async () => {
    await click(link(words.bind).first());
    await click(page.locator("#environment-release"));
    await click(pick("first"));
    await shot(page, "bind-plan");
    await click(button(words.bind));
  });
  await says(words.onePlan);
  await shot(page, "service");
  await click(link(words.bind).first());
  await click(pick("second"));
  await click(button(words.bind));
  await says(words.conflict, words.move);
  await shot(page, "conflict");

  await page.goto(`${stage.origin}/console/sign`);
  await page.locator("#key").selectOption(secretId);
  await page.locator("#url").fill("http://shop.example.com/release/ready");
  await page.locator("#connect").fill(`http://${stage.ingress}`);
  await click(button(words.sign));
  const command = await page.locator("#curl").innerText();
  await shot(page, "sign");
  assert.equal(statusOf(command), 200, `admitted: ${command}`);
  const wrong = command.replace('signature="', 'signature="AAAA');
  assert.equal(statusOf(wrong), 401, "another signature is refused");
  for (const [sent, verdict] of [[command, words.admitted], [wrong, words.otherSignature]]) {
    await reader.go("explain");
    await page.locator("#paste").fill(requestOf(sent));
    await inClicks(1, "explain a request", () => click(button(words.explain)));
    await says(verdict, words.byDomain);
  }

  await click(room(words.keys));
  await inClicks(2, "disable a key", async () => {
    await click(page.getByRole("link", { name: `${words.disable} web`, exact: true }));
    await shot(page, "disable");
    await click(button(words.reallyDisable));
  });
  await says(words.disabled);
  assert.equal(statusOf(command), 401, "the key is disabled in Envoy when the page says so");

  await reader.go("document");
  await inClicks(3, "upload a document", async () => {
    const text = readFileSync(join(stage.directory, "usage-plans.json"), "utf8");
    const enabled = text.replace('"status": "disabled"', '"status": "enabled"');
    await page.locator("#file").setInputFiles({ name: "a.json", mimeType: "application/json", buffer: Buffer.from(enabled) });
    await click(button(words.compareFile));
    await click(button(words.replace));
  });
  await says(words.replaced);
  assert.equal(statusOf(command), 200, "the file that was uploaded is in force in Envoy");
  await reader.go("activity");
  await shot(page, "activity");
  await reader.close();
}
