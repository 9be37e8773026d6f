/** CustomResourceDefinitions over HTTP: served at once, pruned, filled in, checked, printed, and gone with all they defined. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startApi, type TestServer } from '../../support/api-server.ts';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const BOATS = '/apis/sea.example.com/v1/namespaces/default/boats';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

const schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['name'],
      properties: {
        name: { type: 'string', minLength: 2, pattern: '^[a-z]+$' },
        masts: { type: 'integer', default: 1, minimum: 0, maximum: 9 },
        rig: { type: 'string', enum: ['gaff', 'lug'] },
        draught: { 'x-kubernetes-int-or-string': true },
        cargo: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        crew: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: {
            type: 'object',
            properties: { name: { type: 'string' }, age: { type: 'integer', default: 30 } },
          },
        },
        flags: { type: 'object', additionalProperties: { type: 'boolean' } },
        either: { type: 'string', oneOf: [{ enum: ['a'] }, { pattern: '^b' }] },
      },
    },
    status: { type: 'object', properties: { replicas: { type: 'integer' }, state: { type: 'string' } } },
  },
};

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'boats.sea.example.com' },
  spec: {
    group: 'sea.example.com',
    scope: 'Namespaced',
    names: { plural: 'boats', kind: 'Boat', shortNames: ['bt'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: schema },
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.masts', statusReplicasPath: '.status.replicas' },
        },
        additionalPrinterColumns: [
          { name: 'Masts', type: 'integer', jsonPath: '.spec.masts' },
          { name: 'Crew', type: 'string', jsonPath: '.spec.crew[*].name' },
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
      },
    ],
  },
};

const boat = (name: string, spec: object) => ({
  apiVersion: 'sea.example.com/v1',
  kind: 'Boat',
  metadata: { name },
  spec: { name: 'ark', ...spec },
});

let api: TestServer;
test.before(async () => {
  api = await startApi();
});
test.after(() => api.close());

test('a definition is served at once, in discovery too, and says so', async () => {
  assert.is((await api.get(BOATS)).code, 404);
  const { code, text } = await api.post(DEFINITIONS, definition);
  assert.is(code, 201, text);
  assert.is((await api.get(BOATS)).code, 200);
  const { body } = await api.get('/apis/sea.example.com/v1');
  assert.equal(
    body.resources.map(({ name }: { name: string }) => name),
    ['boats', 'boats/scale', 'boats/status'],
  );
  const watch = api.watch(`${DEFINITIONS}?watch=true&fieldSelector=metadata.name%3Dboats.sea.example.com`);
  const events = await watch.until((seen) => seen.at(-1)?.object.status?.conditions?.length === 2);
  watch.stop();
  const { conditions, acceptedNames, storedVersions } = events.at(-1)?.object.status ?? {};
  assert.equal(
    conditions.map((c: { type: string; status: string }) => `${c.type} ${c.status}`),
    ['NamesAccepted True', 'Established True'],
  );
  assert.is(acceptedNames.singular, 'boat');
  assert.equal(storedVersions, ['v1']);
});

test('an object is pruned and filled in as the schema says', async () => {
  const spec = { odd: 1, cargo: { any: { thing: 1 } }, crew: [{ name: 'noah', odd: 2 }] };
  const { code, body, headers } = await api.post(`${BOATS}?fieldValidation=Warn`, boat('ark', spec));
  assert.is(code, 201);
  assert.equal(body.spec, { name: 'ark', cargo: { any: { thing: 1 } }, crew: [{ name: 'noah', age: 30 }], masts: 1 });
  assert.match(String(headers.warning), /unknown field \\"spec.odd\\"/);
  const strict = await api.post(`${BOATS}?fieldValidation=Strict`, boat('x', spec));
  assert.is(strict.code, 400);
  assert.match(strict.body.message, /unknown field "spec.odd", unknown field "spec.crew\[0\].odd"/);
});

const refusals = [
  { name: 'a missing field', spec: { name: undefined }, field: 'spec.name', reason: 'FieldValueRequired' },
  { name: 'a text that is too short', spec: { name: 'a' }, field: 'spec.name', reason: 'FieldValueInvalid' },
  { name: 'a text that does not match', spec: { name: 'Ark' }, field: 'spec.name', reason: 'FieldValueInvalid' },
  { name: 'a text for a number', spec: { masts: 'two' }, field: 'spec.masts', reason: 'FieldValueTypeInvalid' },
  { name: 'a fraction for a whole number', spec: { masts: 1.5 }, field: 'spec.masts', reason: 'FieldValueTypeInvalid' },
  { name: 'a number that is too large', spec: { masts: 10 }, field: 'spec.masts', reason: 'FieldValueInvalid' },
  { name: 'a choice that there is not', spec: { rig: 'square' }, field: 'spec.rig', reason: 'FieldValueNotSupported' },
  { name: 'a list for int-or-string', spec: { draught: [] }, field: 'spec.draught', reason: 'FieldValueTypeInvalid' },
  {
    name: 'a key of a list that stands twice',
    spec: { crew: [{ name: 'a' }, { name: 'a' }] },
    field: 'spec.crew[1]',
    reason: 'FieldValueDuplicate',
  },
  { name: 'a value of a map', spec: { flags: { up: 'yes' } }, field: 'spec.flags.up', reason: 'FieldValueTypeInvalid' },
  { name: 'neither of two schemas', spec: { either: 'c' }, field: 'spec.either', reason: 'FieldValueInvalid' },
];
for (const { name, spec, field, reason } of refusals) {
  test(`an object is refused for ${name}`, async () => {
    const { code, body } = await api.post(BOATS, boat('wrong', spec));
    assert.is(code, 422);
    assert.equal(
      body.details.causes.map((cause: { field: string; reason: string }) => [cause.field, cause.reason]),
      [[field, reason]],
    );
    assert.match(body.message, /^Boat.sea.example.com "wrong" is invalid: /);
  });
}

test('limits are inclusive, and both kinds of int-or-string are taken', async () => {
  for (const [i, spec] of [{ masts: 9 }, { masts: 0 }, { draught: '3m' }, { draught: 3 }, { either: 'b1' }].entries()) {
    assert.is((await api.post(BOATS, boat(`fine${i}`, spec))).code, 201);
  }
});

test('status and scale are subresources, and generations count the spec', async () => {
  const status = await api.patch(`${BOATS}/ark/status`, 'merge', {
    spec: { masts: 5 },
    status: { state: 'afloat', replicas: 1 },
  });
  assert.is(status.code, 200, status.text);
  assert.is(status.body.spec.masts, 1);
  assert.is(status.body.status.state, 'afloat');
  assert.is(status.body.metadata.generation, 1);
  const scale = await api.patch(`${BOATS}/ark/scale`, 'merge', { spec: { replicas: 3 } });
  assert.is(scale.body.spec.replicas, 3);
  const { body } = await api.get(`${BOATS}/ark`);
  assert.is(body.spec.masts, 3);
  assert.is(body.metadata.generation, 2);
  assert.is(body.status.state, 'afloat');
  assert.is((await api.patch(`${BOATS}/ark`, 'strategic', {})).code, 415);
});

test('tables have its columns', async () => {
  const { body } = await api.get(`${BOATS}/ark`, { accept: TABLE });
  assert.equal(
    body.columnDefinitions.map(({ name }: { name: string }) => name),
    ['Name', 'Masts', 'Crew', 'Age'],
  );
  assert.equal(body.rows[0].cells.slice(0, 3), ['ark', 3, 'noah']);
  assert.match(body.rows[0].cells[3], /^\d+s$/);
});

test('watches see custom objects', async () => {
  const { body } = await api.get(BOATS);
  const watch = api.watch(`${BOATS}?watch=true&resourceVersion=${body.metadata.resourceVersion}`);
  await api.post(BOATS, boat('seen', {}));
  const events = await watch.until((seen) => seen.length === 1);
  watch.stop();
  assert.is(events[0].object.kind, 'Boat');
});

test('a second version is another face of the same objects', async () => {
  const v2 = { ...definition.spec.versions[0], name: 'v2', storage: false };
  const { body } = await api.get(`${DEFINITIONS}/boats.sea.example.com`);
  const changed = { ...body, spec: { ...body.spec, versions: [...body.spec.versions, v2] } };
  assert.is((await api.put(`${DEFINITIONS}/boats.sea.example.com`, changed)).code, 200);
  const other = await api.get('/apis/sea.example.com/v2/namespaces/default/boats/ark');
  assert.is(other.body.apiVersion, 'sea.example.com/v2');
  const patched = await api.patch('/apis/sea.example.com/v2/namespaces/default/boats/ark', 'merge', {
    spec: { rig: 'lug' },
  });
  assert.is(patched.code, 200, patched.text);
  const { body: first } = await api.get(`${BOATS}/ark`);
  assert.is(first.apiVersion, 'sea.example.com/v1');
  assert.is(first.spec.rig, 'lug');
});

const wrongDefinitions = [
  { name: 'a name that is not plural.group', change: { metadata: { name: 'x' } }, field: 'metadata.name' },
  { name: 'no scope', change: { spec: { ...definition.spec, scope: undefined } }, field: 'spec.scope' },
  { name: 'no versions', change: { spec: { ...definition.spec, versions: [] } }, field: 'spec.versions' },
  {
    name: 'a version without a schema',
    change: { spec: { ...definition.spec, versions: [{ name: 'v1', served: true, storage: true }] } },
    field: 'spec.versions[0].schema.openAPIV3Schema',
  },
  {
    name: 'a field without a type',
    change: {
      spec: {
        ...definition.spec,
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', properties: { spec: {} } } },
          },
        ],
      },
    },
    field: 'spec.versions[0].schema.openAPIV3Schema.properties[spec].type',
  },
];
const version = definition.spec.versions[0];
/** The definition with its version changed. */
function withVersion(change: object): object {
  return { spec: { ...definition.spec, versions: [{ ...version, ...change }] } };
}
function withSchema(spec: unknown): object {
  return withVersion({ schema: { openAPIV3Schema: { type: 'object', properties: { spec } } } });
}
const AT = 'spec.versions[0]';
const SCHEMA = `${AT}.schema.openAPIV3Schema.properties[spec]`;
const wrongVersions = [
  {
    name: 'a column without a path',
    change: withVersion({ additionalPrinterColumns: [{ name: 'A', type: 'string' }] }),
    field: `${AT}.additionalPrinterColumns[0].jsonPath`,
  },
  {
    name: 'a column with a path that cannot be read',
    change: withVersion({ additionalPrinterColumns: [{ name: 'A', type: 'string', jsonPath: '.a[' }] }),
    field: `${AT}.additionalPrinterColumns[0].jsonPath`,
  },
  {
    name: 'a column of an unknown type',
    change: withVersion({ additionalPrinterColumns: [{ name: 'A', type: 'text', jsonPath: '.a' }] }),
    field: `${AT}.additionalPrinterColumns[0].type`,
  },
  {
    name: 'a column without a name',
    change: withVersion({ additionalPrinterColumns: [{ type: 'string', jsonPath: '.a' }] }),
    field: `${AT}.additionalPrinterColumns[0].name`,
  },
  {
    name: 'a selectable field without a path',
    change: withVersion({ selectableFields: [{}] }),
    field: `${AT}.selectableFields[0].jsonPath`,
  },
  {
    name: 'a scale without a path',
    change: withVersion({ subresources: { scale: { specReplicasPath: '.spec.a' } } }),
    field: `${AT}.subresources.scale.statusReplicasPath`,
  },
  {
    name: 'a scale whose path is outside of the spec',
    change: withVersion({ subresources: { scale: { specReplicasPath: '.a', statusReplicasPath: '.status.a' } } }),
    field: `${AT}.subresources.scale.specReplicasPath`,
  },
  {
    name: 'items that hold no schema',
    change: withSchema({ type: 'array', items: { type: 'object', properties: { a: null } } }),
    field: `${SCHEMA}.items.properties[a]`,
  },
  {
    name: 'a keyword of the wrong type below items',
    change: withSchema({ type: 'array', items: { type: 'string', enum: 5 } }),
    field: `${SCHEMA}.items.enum`,
  },
  {
    name: 'a keyword of the wrong type in a branch',
    change: withSchema({ type: 'array', items: { type: 'string', anyOf: [{ minLength: 'a' }] } }),
    field: `${SCHEMA}.items.anyOf[0].minLength`,
  },
  { name: 'a type that is none', change: withSchema({ type: 'text' }), field: `${SCHEMA}.type` },
  {
    name: 'a singular that is no label',
    change: { spec: { ...definition.spec, names: { ...definition.spec.names, singular: 'A b' } } },
    field: 'spec.names.singular',
  },
  {
    name: 'a short name that is no label',
    change: { spec: { ...definition.spec, names: { ...definition.spec.names, shortNames: [''] } } },
    field: 'spec.names.shortNames[0]',
  },
];
for (const { name, change, field } of [...wrongDefinitions, ...wrongVersions]) {
  test(`a definition is refused for ${name}`, async () => {
    const { code, body } = await api.post(DEFINITIONS, { ...definition, ...change });
    assert.is(code, 422);
    assert.ok(
      body.details.causes.some((cause: { field: string }) => cause.field === field),
      body.message,
    );
  });
}

test('a kind that another definition of the group has is not accepted', async () => {
  const names = { plural: 'ships', kind: 'Boat' };
  const second = { ...definition, metadata: { name: 'ships.sea.example.com' }, spec: { ...definition.spec, names } };
  assert.is((await api.post(DEFINITIONS, second)).code, 201);
  const watch = api.watch(`${DEFINITIONS}?watch=true&fieldSelector=metadata.name%3Dships.sea.example.com`);
  const events = await watch.until((seen) => seen.at(-1)?.object.status?.conditions?.length === 2);
  watch.stop();
  assert.is(events.at(-1)?.object.status.conditions[0].status, 'False');
  assert.is((await api.get('/apis/sea.example.com/v1/namespaces/default/ships')).code, 404);
});

test('with the definition go its objects, and its paths', async () => {
  const watch = api.watch(`${DEFINITIONS}?watch=true&fieldSelector=metadata.name%3Dboats.sea.example.com`);
  await api.delete(`${DEFINITIONS}/boats.sea.example.com`);
  await watch.until((seen) => seen.at(-1)?.type === 'DELETED');
  watch.stop();
  assert.is((await api.get(BOATS)).code, 404);
  assert.is([...api.server.parts.cache.list('sea.example.com', 'boats')].length, 0);
});

test('no request was a fault of the server', () => {
  assert.equal(api.problems, []);
});

test.run();
