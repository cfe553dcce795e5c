import { describe, expect, test } from "vitest";
import {
  closeChat,
  deleteAllChats,
  deleteChat,
  findChats,
  listChats,
  type ListedChat,
} from "../../widget/src/core/chat-list";
import { failure, FakeProxy, json, clientOf } from "./fake-proxy";

const LIST = "GET conversations?limit=20&offset=0";

function listing(body: unknown) {
  return listChats(clientOf(new FakeProxy().on(LIST, json(200, body))), 0, 20);
}

const chat = (id: string, title: string | null, lastText = ""): ListedChat => ({
  id,
  title,
  isOpen: true,
  isHumanHandled: false,
  lastAt: null,
  lastText,
});

describe("the list", () => {
  test("says of each chat what is known of it", async () => {
    const data = [
      {
        id: "c1",
        title: "Lamps",
        status: "closed",
        isHumanHandled: true,
        lastInterationAt: "2026-01-02T00:00:00.000Z",
        lastMessage: { parts: [{ type: "text", text: "Because." }] },
      },
      { id: "c2" },
    ];
    expect(await listing({ total: 2, data, deletion: "complete" })).toEqual({
      total: 2,
      count: 2,
      isErasing: true,
      chats: [
        {
          id: "c1",
          title: "Lamps",
          isOpen: false,
          isHumanHandled: true,
          lastAt: Date.UTC(2026, 0, 2),
          lastText: "Because.",
        },
        chat("c2", null),
      ],
    });
  });

  test("passes over what is no chat, which has its place in the list all the same", async () => {
    const page = await listing({ total: 40, data: [null, 7, {}, { id: 3 }, { id: "c1" }] });
    expect(page.chats.map(({ id }) => id)).toEqual(["c1"]);
    expect(page).toMatchObject({ total: 40, count: 20, isErasing: false });
  });

  test("ends where the server says there is nothing more, whatever it said before", async () => {
    expect(await listing({ total: -3, data: [] })).toMatchObject({ count: 0, chats: [] });
  });

  test.each([null, [], { data: "none" }])(
    "is no list where the answer is none: %j",
    async (body) => {
      await expect(listing(body)).rejects.toThrow("no list of conversations");
    },
  );

  test("is empty without a session, and none is made for it", async () => {
    const proxy = new FakeProxy().on(LIST, failure(401));
    expect(await listChats(clientOf(proxy), 0, 20)).toMatchObject({ total: 0, chats: [] });
    expect(proxy.calls).toHaveLength(1);
  });
});

describe("what is not there any more", () => {
  test("counts as deleted, and as closed", async () => {
    const proxy = new FakeProxy()
      .on("DELETE conversations/c1", failure(404))
      .on("DELETE conversations", failure(401))
      .on("POST conversations/c1/close", failure(404));
    const client = clientOf(proxy);
    await deleteChat(client, "c1");
    await closeChat(client, "c1");
    await deleteAllChats(client);
    expect(proxy.calls).toHaveLength(3);
  });

  test("is another thing than what could not be deleted", async () => {
    const proxy = new FakeProxy().on("DELETE conversations/c1", failure(503));
    await expect(deleteChat(clientOf(proxy), "c1")).rejects.toThrow();
  });
});

describe("a search", () => {
  const chats = [chat("1", "Où est la lampe ?"), chat("2", null, "Straße 7"), chat("3", "ライト")];
  const found = (search: string, textOf = (_: string) => "") =>
    findChats(chats, search, textOf).map(({ id }) => id);

  test.each([
    ["ou LAMPE", ["1"]],
    ["lampe ou", ["1"]],
    ["lampe straße", []],
    ["７", ["2"]],
    ["ライ", ["3"]],
    ["  ", ["1", "2", "3"]],
    ["(", []],
  ])("for %j finds %j", (search, ids) => {
    expect(found(search)).toEqual(ids);
  });

  test("looks into the chat that is shown, too", () => {
    expect(found("keeper", (id) => (id === "2" ? "The keeper." : ""))).toEqual(["2"]);
  });
});
