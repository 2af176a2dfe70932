// What waits on this phone, in IndexedDB. The page and the worker share it; every entry has its writer.
const NAME = "crm";
const VERSION = 1;
const RECEIPTS_KEPT_MS = 2 * 86_400_000;

let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, VERSION);
    asked.onupgradeneeded = () => {
      const entries = asked.result.createObjectStore("entry", { keyPath: ["user", "key"] });
      entries.createIndex("user", "user");
      const receipts = asked.result.createObjectStore("receipt", { keyPath: ["user", "key"] });
      receipts.createIndex("user", "user");
      asked.result.createObjectStore("fact");
    };
    asked.onsuccess = () => {
      // Another tab brings a newer store: make way, and open anew when asked next.
      asked.result.onversionchange = () => {
        asked.result.close();
        opened = null;
      };
      resolve(asked.result);
    };
    asked.onerror = () => reject(asked.error);
  });
  opened.catch(() => (opened = null));
  return opened;
}

/** Run `work(stores…)` in one transaction; settles when it is on disk. */
async function within(names, mode, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    // An entry is somebody's day: it is on the disk before anybody is told that it is safe.
    const transaction = database.transaction(names, mode, { durability: "strict" });
    const asked = work(...names.map((name) => transaction.objectStore(name)));
    transaction.oncomplete = () => resolve(asked?.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error ?? asked?.error);
  });
}

/** Everything of one person that has not got its receipt, the oldest first. */
export async function entriesOf(user) {
  const found = await within(["entry"], "readonly", (entry) => entry.index("user").getAll(user));
  return found.sort((one, other) => one.made - other.made);
}

export function entryOf(user, key) {
  return within(["entry"], "readonly", (entry) => entry.get([user, key]));
}

/** Write an entry down, or write it anew; rejects with QuotaExceededError when the phone is full. */
export function put(entry) {
  return within(["entry"], "readwrite", (store) => store.put(entry));
}

/** Change an entry if it is still there: what was sent meanwhile does not come back. */
export function change(user, key, values) {
  return within(["entry"], "readwrite", (store) => {
    const asked = store.get([user, key]);
    asked.onsuccess = () => asked.result && store.put({ ...asked.result, ...values });
    return asked;
  });
}

export function remove(user, key) {
  return within(["entry"], "readwrite", (store) => store.delete([user, key]));
}

/** The server has it: the entry gives way to a line that says so, in one step. */
export function receive(entry, url) {
  const { user, key, title } = entry;
  return within(["entry", "receipt"], "readwrite", (entries, receipts) => {
    entries.delete([user, key]);
    receipts.put({ user, key, title, url, at: Date.now() });
  });
}

/** What of one person arrived lately, the latest first; what is older goes. */
export async function receiptsOf(user) {
  const all = await within(["receipt"], "readonly", (store) => store.index("user").getAll(user));
  const old = all.filter(({ at }) => Date.now() - at > RECEIPTS_KEPT_MS);
  if (old.length) {
    await within(["receipt"], "readwrite", (store) => {
      old.forEach(({ key }) => store.delete([user, key]));
    });
  }
  return all.filter((one) => !old.includes(one)).sort((one, other) => other.at - one.at);
}

/** A small fact of this phone: who reads here. */
export function fact(name) {
  return within(["fact"], "readonly", (store) => store.get(name));
}

export function setFact(name, value) {
  return within(["fact"], "readwrite", (store) => store.put(value, name));
}
