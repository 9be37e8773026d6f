/** The verbs of one kind in one place. Each method holds the answer to the code that Kubernetes gives, and returns the body. */
import * as assert from 'uvu/assert';
import type { Answer, SeenWatch, TestClient } from '../../support/api-client.ts';

/** An answer's JSON. */
export type Body = Answer['body'];

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

export interface Resource {
  path: string;
  create(object: object): Promise<Body>;
  get(name: string, subresource?: string): Promise<Body>;
  /** @param query 'labelSelector=a%3Db'; see `labelled`. */
  list(query?: string): Promise<Body>;
  /** PUT of the whole object; anew, over what a controller has written meanwhile, as Kubernetes' tests do. */
  update(object: Body, subresource?: string): Promise<Body>;
  /** Reads, changes, writes; anew where another writer (a controller) was faster. */
  change(name: string, change: (object: Body) => Body, subresource?: string): Promise<Body>;
  patch(name: string, type: PatchType, body: object, subresource?: string): Promise<Body>;
  delete(name: string, body?: object): Promise<Body>;
  deleteCollection(query?: string): Promise<void>;
  watch(query?: string): SeenWatch;
  /** Waits until there is no object of that name. */
  gone(name: string): Promise<void>;
}

export function resource(api: TestClient, path: string): Resource {
  const of = (name: string, subresource?: string): string => [path, name, subresource].filter(Boolean).join('/');
  return {
    path,
    create: async (object) => held(await api.post(path, object), 201),
    get: async (name, subresource) => held(await api.get(of(name, subresource)), 200),
    list: async (query = '') => held(await api.get(`${path}?${query}`), 200),
    async update(object, subresource) {
      const { name } = object.metadata;
      let metadata = object.metadata;
      for (;;) {
        const answer = await api.put(of(name, subresource), { ...object, metadata });
        if (answer.code !== 409) return held(answer, 200);
        const { resourceVersion } = held(await api.get(of(name)), 200).metadata;
        metadata = { ...metadata, resourceVersion };
      }
    },
    async change(name, change, subresource) {
      for (;;) {
        const object = change(held(await api.get(of(name, subresource)), 200));
        const answer = await api.put(of(name, subresource), object);
        if (answer.code !== 409) return held(answer, 200);
      }
    },
    patch: async (name, type, body, subresource) => held(await api.patch(of(name, subresource), type, body), 200),
    delete: async (name, body) => held(await api.delete(of(name), body), 200),
    deleteCollection: async (query = '') => void held(await api.delete(`${path}?${query}`), 200),
    watch: (query = '') => api.watch(`${path}?watch=true&${query}`),
    gone: (name) => eventually(`${of(name)} is gone`, async () => (await api.get(of(name))).code === 404),
  };
}

/** @returns the body of an answer that has this code; otherwise throws what the server said. */
export function held(answer: Answer, code: number): Body {
  assert.is(answer.code, code, `answered ${answer.code}, not ${code}: ${answer.text.slice(0, 600)}`);
  return answer.body;
}

/** The answer is a Status that refuses for this reason. @returns it */
export function refused(answer: Answer, code: number, reason: string): Body {
  const status = held(answer, code);
  assert.is(status.kind, 'Status');
  assert.is(status.status, 'Failure');
  assert.is(status.reason, reason, status.message);
  return status;
}

/** 'labelSelector=…' of labels, or of a selector in words. */
export function labelled(labels: Record<string, string> | string): string {
  const text = typeof labels === 'string' ? labels : Object.entries(labels).map((pair) => pair.join('='));
  return `labelSelector=${encodeURIComponent(String(text))}`;
}

export function names(list: Body): string[] {
  return list.items.map(({ metadata }: Body) => metadata.name);
}

/** Longer than anything takes on a busy machine. */
const PATIENCE_MS = 60_000;
const POLL_MS = 50;

/** Polls for a minute. */
export async function eventually(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; ) {
    if (await holds()) return;
    await new Promise((next) => setTimeout(next, POLL_MS));
  }
  throw new Error(`after a minute not yet: ${what}`);
}

/** Waits for an event of this type whose object fits. @returns the object */
export async function seen(
  watch: SeenWatch,
  type: string,
  fits: (object: Body) => boolean = () => true,
): Promise<Body> {
  const found = () => watch.events.find((event) => event.type === type && fits(event.object));
  await watch.until(() => found() !== undefined);
  return found()?.object;
}
