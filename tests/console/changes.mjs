// What else is done with keys, plans and services, click by click, and each refusal in words.

import assert from "node:assert/strict";
import { read } from "./reader.mjs";
import { statusOf } from "./stage.mjs";

/** What the changes begin with. */
export const DOCUMENT = {
  services: [{ id: "shop", name: "shop", domains: ["shop.example.com"] }],
  keys: [
    { name: "web", secret_id: "AKIDweb0001", secret_key: "web-secret-key-0001" },
    { name: "app", secret_id: "AKIDapp0001", secret_key: "app-secret-key-0001" },
    { name: "old", secret_id: "AKIDold0001", secret_key: "old-secret-key-0001", status: "disabled" },
  ],
  usage_plans: [
    { id: "first", name: "first", max_requests_per_second: 50, keys: ["AKIDweb0001"],
      environments: [{ service: "shop", environment: "release" }] },
    { id: "second", name: "second", keys: ["AKIDapp0001"] },
  ],
};

const WORDS = {
  en: {
    replaceAsk: "Replace…", replace: "Replace", replaced: "web has a new secret", finishAsk: "Finish…", finish: "Finish",
    running: "An earlier replacement of web is still running.", finished: "The old secret of web no longer works.",
    toFinish: "Finish the replacement of web…", delete: "Delete", deleteAsk: "Delete…", inUse: "web cannot be deleted yet.",
    disableFirst: "disable it", unbindFirst: "unbind web from first", planInUse: "first cannot be deleted yet.",
    serviceInUse: "shop cannot be deleted yet.", bindToPlan: "Bind to a plan…", bindOne: "Bind 1 key",
    isDisabled: "old is disabled. A disabled key cannot be bound or replaced.", enable: "Enable", enabled: "old is enabled.",
    move: "Move app from second to first and bind all", notBound: "Not bound. Nothing was changed.", bound: "1 key bound to first.",
    edit: "Edit", save: "Save", saved: "first is saved.", newPlan: "New usage plan", createPlan: "Create usage plan",
    burst: "A burst is 1 or more", taken: "Another usage plan has the name first.", noQuota: "second has no such quota",
    resetUsage: "Reset usage", newService: "New service", createService: "Create service", name: "Up to 50 letters, digits and _;",
    domains: "a host name, an address, *.suffix or *, without a port.", noEnvironment: "One that is bound or mapped has to stay.",
    unbindSelected: "Unbind selected…", unbind: "Unbind", unbound: "1 key unbound from first.", unbindAsk: "Unbind…",
    loses: "1 key loses access: app", environmentUnbound: "release of shop unbound from first.", bindEnvironments: "Bind environments",
    environmentBound: "1 environment bound to first.", deleted: "is deleted.", undoAsk: "Undo…", undo: "Undo this edit",
    undone: "Taken back: usage plan first", sign: "Sign", scheme: "must begin with http:// or https://", compare: "Compare",
    mustBe: "must be a string, not a number", json: "must be JSON: expected value at line 1 column 1", explain: "Explain",
    noAuthorization: "there is no Authorization header", noRequest: "this is not the head of an HTTP/1.1 request",
  },
  "zh-CN": {
    replaceAsk: "更换…", replace: "更换", replaced: "web 已有新密钥", finishAsk: "结束…", finish: "结束",
    running: "web 上一次更换尚未结束。", finished: "web 的旧密钥已失效。",
    toFinish: "结束 web 的更换…", delete: "删除", deleteAsk: "删除…", inUse: "web 暂不能删除。",
    disableFirst: "禁用", unbindFirst: "将 web 从 first 解绑", planInUse: "first 暂不能删除。",
    serviceInUse: "shop 暂不能删除。", bindToPlan: "绑定到使用计划…", bindOne: "绑定 1 个密钥",
    isDisabled: "old 已停用。已停用的密钥不能绑定或更换，请先启用。", enable: "启用", enabled: "已启用 old。",
    move: "将 app 从 second 移到 first，并绑定全部", notBound: "未绑定，没有任何更改。", bound: "已将 1 个密钥 绑定到 first。",
    edit: "编辑", save: "保存", saved: "已保存 first。", newPlan: "新建使用计划", createPlan: "提交",
    burst: "突发量须为 1 或更大的数", taken: "已有使用计划使用名称 first，请更换。", noQuota: "second 没有可重置的此类额度",
    resetUsage: "重置用量", newService: "新建服务", createService: "提交", name: "最长 50 个字符，支持 a-z、A-Z、0-9 和 _；",
    domains: "至少一个：域名、地址、*.后缀 或 *，不含端口。", noEnvironment: "已绑定或已映射的环境不能删除。",
    unbindSelected: "解绑所选…", unbind: "解绑", unbound: "已将 1 个密钥 从 first 解绑。", unbindAsk: "解绑…",
    loses: "1 个密钥将失去访问权限： app", environmentUnbound: "已将 shop 的 release 从 first 解绑。", bindEnvironments: "绑定服务环境",
    environmentBound: "已将 1 个服务环境 绑定到 first。", deleted: "已删除", undoAsk: "撤销…", undo: "撤销此操作",
    undone: "已撤销：使用计划 first", sign: "签名", scheme: "须以 http:// 或 https:// 开头", compare: "比较",
    mustBe: "须为字符串，而不是数字", json: "须为 JSON：第 1 行第 1 列应为一个值", explain: "请求诊断",
    noAuthorization: "没有 Authorization 请求头", noRequest: "不是 HTTP/1.1 请求头",
  },
};

/** Changes everything, in a document as [`DOCUMENT`] is. */
export async function change(stage, { language, script, sessions }) {
  const words = WORDS[language];
  const reader = await read(stage, { language, script, sessions });
  const { page, click, go, button, link, pick, says, inClicks } = reader;
  const signed = async (key) => {
    await go("sign");
    await page.locator("#key").selectOption(key);
    await page.locator("#url").fill("http://shop.example.com/release/ready");
    await page.locator("#connect").fill(`http://${stage.ingress}`);
    await click(button(words.sign));
    return page.locator("#curl").innerText();
  };

  const before = await signed("AKIDweb0001");
  assert.equal(statusOf(before), 200, "admitted");
  await go("keys");
  await inClicks(2, "replace a secret", async () => {
    await click(link(`${words.replaceAsk} web`));
    await click(button(words.replace));
  });
  await says(words.replaced);
  assert.equal(statusOf(before), 200, "the old secret works for a day");
  await go("keys/AKIDweb0001/replace");
  await click(button(words.replace));
  await says(words.running, words.toFinish);
  await inClicks(2, "finish a replacement", async () => {
    await click(link(words.toFinish));
    await click(button(words.finish));
  });
  await says(words.finished);
  assert.equal(statusOf(before), 401, "the old secret works no longer");

  for (const [path, name, refusals] of [
    ["keys/AKIDweb0001/delete", "web", [words.inUse, words.disableFirst, words.unbindFirst]],
    ["plans/first/delete", "first", [words.planInUse, words.unbindFirst]],
    ["services/shop/delete", "shop", [words.serviceInUse]],
  ]) {
    await go(path);
    await click(button(`${words.delete} ${name}`));
    await says(...refusals);
  }
  await go("keys");
  await inClicks(3, "bind several keys", async () => {
    await click(page.locator("input[name=key][value=AKIDold0001]"));
    await click(button(words.bindToPlan));
    await click(button(words.bindOne));
  });
  await says(words.isDisabled);
  await go("keys");
  await inClicks(1, "enable a key", () => click(button(`${words.enable} old`)));
  await says(words.enabled);
  await go("plans/new");
  await page.locator("#name").fill("third");
  await click(button(words.createPlan));

  await go("plans/second/environments");
  await click(pick("shop release"));
  await click(button(words.bindEnvironments));
  await go("plans/first/keys");
  await click(page.locator("input[name=key][value=AKIDapp0001]"));
  await click(page.locator(".dialog-foot button"));
  await says(words.notBound, words.move);
  await inClicks(1, "move a key", () => click(button(words.move)));
  await says(words.bound);
  const moved = await signed("AKIDapp0001");
  assert.equal(statusOf(moved), 200, "the key has moved");

  await go("plans");
  await inClicks(2, "edit a plan", async () => {
    await click(link(`${words.edit} first`));
    await page.locator("#burst").fill("lots");
    await click(button(words.save));
  });
  await says(words.burst);
  assert.equal(await page.locator("#burst").inputValue(), "lots", "what was typed stays");
  await page.locator("#burst").fill("20");
  await click(button(words.save));
  await says(words.saved);
  await go("plans/new");
  await page.locator("#name").fill("first");
  await click(button(words.createPlan));
  await says(words.taken);
  await go("plans/second/reset");
  await click(button(words.resetUsage));
  await says(words.noQuota);

  await go("services/new");
  await page.locator("#name").fill("a b");
  await page.locator("#domains").fill("http://x");
  await click(button(words.createService));
  await says(words.name, words.domains);
  await go("services/shop/edit");
  await page.locator("#environments").fill("test");
  await click(button(words.save));
  await says(words.noEnvironment);

  await go("plans/first");
  await inClicks(3, "unbind a key", async () => {
    await click(page.locator("input[name=key][value=AKIDweb0001]"));
    await click(button(words.unbindSelected));
    await click(button(words.unbind));
  });
  await says(words.unbound);
  await go("services/shop");
  await inClicks(2, "unbind a plan from an environment", async () => {
    await click(link(`${words.unbindAsk} first release`));
    await says(words.loses);
    await click(button(words.unbind));
  });
  await says(words.environmentUnbound);
  assert.equal(statusOf(moved), 401, "no plan is bound to the environment");
  await go("activity");
  await inClicks(2, "undo an edit", async () => {
    await click(page.locator("ol.timeline a.button").first());
    await click(button(words.undo));
  });
  await says(words.undone);
  assert.equal(statusOf(moved), 200, "the binding is there again");
  await go("keys/AKIDold0001/disable");
  await click(page.locator(".dialog-foot button"));
  for (const [path, name] of [["keys", "old"], ["plans", "third"]]) {
    await go(path);
    await inClicks(2, `delete ${name}`, async () => {
      await click(link(`${words.deleteAsk} ${name}`));
      await click(button(`${words.delete} ${name}`));
    });
    await says(words.deleted);
  }

  await go("sign");
  await page.locator("#url").fill("ftp://x");
  await click(button(words.sign));
  await says(words.scheme);
  for (const [text, rule] of [['{"keys": [{"name": 7}]}', words.mustBe], ["?", words.json]]) {
    await go("document");
    await page.locator("#text").fill(text);
    await click(button(words.compare));
    await says(rule);
  }
  for (const [text, said] of [["GET /release/x HTTP/1.1\nHost: shop.example.com\n", words.noAuthorization], ["GET", words.noRequest]]) {
    await go("explain");
    await page.locator("#paste").fill(text);
    await click(button(words.explain));
    await says(said);
  }
  await reader.close();
}
