/**
 * What Kubernetes' tests called "should support … API operations" have in common: discovery names the kind, every verb
 * works on it, watches tell of it, and its parts (status, approval) can be read.
 */
import * as assert from 'uvu/assert';
import type { Check } from '../row.ts';
import { type Body, held, labelled, names, type Resource, refused, seen } from './resource.ts';

export interface KindUnderTest {
  /** 'batch/v1' */
  groupVersion: string;
  kind: string;
  plural: string;
  namespaced: boolean;
  /** As discovery has to list them: 'status' */
  subresources?: readonly string[];
  /** An object of that name, without labels. */
  make(name: string): Body;
  /** Asked of while one of the three objects, changed twice, is there. */
  meanwhile?(own: Resource, object: Body): Promise<void>;
}

export async function everyVerb(check: Check, tested: KindUnderTest): Promise<void> {
  await discovered(check, tested);
  const { groupVersion, plural, kind, namespaced, make } = tested;
  const all = check.everywhere(groupVersion, plural);
  const own = namespaced ? check.namespaced(groupVersion, plural) : all;
  const labels = { 'conformance.test/row': check.unique };
  const selector = labelled(labels);
  const labelledObject = (name: string): Body => {
    const object = make(name);
    return { ...object, metadata: { ...object.metadata, labels } };
  };

  const name = `${check.unique}-a`;
  const created = await own.create(labelledObject(name));
  assert.is(created.kind, kind);
  assert.is(created.apiVersion, groupVersion);
  refused(await check.api.post(own.path, labelledObject(name)), 409, 'AlreadyExists');
  await own.create(labelledObject(`${check.unique}-b`));

  const watches = [own, all].map((place) => place.watch(selector));
  await own.create(labelledObject(`${check.unique}-c`));
  assert.is((await own.get(name)).metadata.uid, created.metadata.uid);
  const list = await own.list(selector);
  assert.is(list.kind, `${kind}List`);
  assert.is(list.items.length, 3);
  assert.is((await all.list(selector)).items.length, 3);
  const later = own.watch(`${selector}&resourceVersion=${list.metadata.resourceVersion}`);

  const patched = await own.patch(name, 'merge', { metadata: { annotations: { patched: 'true' } } });
  assert.is(patched.metadata.annotations.patched, 'true');
  const updated = await own.update(annotated(patched, 'updated', 'true'));
  assert.is(updated.metadata.annotations.patched, 'true');
  assert.is(updated.metadata.annotations.updated, 'true');
  const both = ({ metadata }: Body): boolean =>
    metadata.name === name && metadata.annotations?.patched === 'true' && metadata.annotations?.updated === 'true';
  for (const watch of [...watches, later]) await seen(watch, 'MODIFIED', both);
  for (const watch of watches) await seen(watch, 'ADDED', ({ metadata }) => metadata.name === `${check.unique}-c`);

  await tested.meanwhile?.(own, await own.get(name));

  await own.delete(name);
  refused(await check.api.get(`${own.path}/${name}`), 404, 'NotFound');
  for (const watch of [...watches, later]) {
    await seen(watch, 'DELETED', ({ metadata }) => metadata.name === name);
    watch.stop();
  }
  assert.equal(names(await own.list(selector)), [`${check.unique}-b`, `${check.unique}-c`]);
  await own.deleteCollection(selector);
  assert.equal(names(await own.list(selector)), []);
}

/** The same object with one more annotation. */
export function annotated(object: Body, key: string, value: string): Body {
  const annotations = { ...object.metadata.annotations, [key]: value };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

async function discovered({ api }: Check, tested: KindUnderTest): Promise<void> {
  const { groupVersion, kind, plural, namespaced, subresources = [] } = tested;
  const [group, version] = groupVersion.split('/');
  const groups = held(await api.get('/apis'), 200).groups;
  const listed = groups.find((other: Body) => other.name === group);
  const versions = (of: Body): string[] => of.versions.map((one: Body) => one.version);
  assert.ok(versions(listed).includes(version), `${groupVersion} is in /apis`);
  assert.ok(versions(held(await api.get(`/apis/${group}`), 200)).includes(version));
  const { resources } = held(await api.get(`/apis/${groupVersion}`), 200);
  const row = resources.find((one: Body) => one.name === plural);
  assert.is(row?.kind, kind);
  assert.is(row.namespaced, namespaced);
  const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
  assert.equal([...row.verbs].sort(), verbs);
  for (const name of subresources) {
    assert.ok(
      resources.some((one: Body) => one.name === `${plural}/${name}`),
      `${plural}/${name} is in discovery`,
    );
  }
}

export interface StatusUnderTest {
  groupVersion: string;
  plural: string;
  /** Of an object that is there. */
  name: string;
  /** A watch tells of each change: 'labelSelector=…' */
  query?: string;
}

/**
 * get, update and patch of a status: conditions persist, annotations that come along do too, a watch tells of both, the
 * spec stays, and the status cannot be written past /status.
 */
export async function statusConditions(
  check: Check,
  { groupVersion, plural, name, query }: StatusUnderTest,
): Promise<void> {
  const own = check.namespaced(groupVersion, plural);
  const before = await own.get(name, 'status');
  const watch = own.watch(`${query ? `${query}&` : ''}resourceVersion=${before.metadata.resourceVersion}`);
  const condition = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from a test' };
  const withCondition = (object: Body): Body => {
    const conditions = [...(object.status.conditions ?? []), condition];
    return { ...object, status: { ...object.status, conditions } };
  };
  const updated = await own.change(name, withCondition, 'status');
  holds(updated, condition);
  await seen(watch, 'MODIFIED', (object) => has(object, condition.type));

  const patch = { type: 'StatusPatched', status: 'True' };
  const body = { metadata: { annotations: { patchedstatus: 'true' } }, status: { conditions: [patch] } };
  const patched = await own.patch(name, 'merge', body, 'status');
  holds(patched, patch);
  assert.is(patched.metadata.annotations.patchedstatus, 'true');
  await seen(watch, 'MODIFIED', (object) => has(object, patch.type));
  watch.stop();

  const after = await own.get(name);
  holds(after, patch);
  assert.equal(after.spec, before.spec);
  assert.is(after.metadata.generation, before.metadata.generation, 'a status is no new generation');
  const past = await own.patch(name, 'merge', { status: { conditions: [condition] } });
  holds(past, patch);
}

function has({ status }: Body, type: string): boolean {
  return status.conditions?.some((condition: Body) => condition.type === type) === true;
}

function holds({ status }: Body, wanted: Record<string, string>): void {
  const found = status.conditions.find(({ type }: Body) => type === wanted.type);
  for (const [field, value] of Object.entries(wanted)) assert.is(found?.[field], value, field);
}
