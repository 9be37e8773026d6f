/** The other direction of strategic merge, for properties: the patch that turns one object into another. */
import type { MergeType } from '../../../../runtime/api/patch/faces.ts';

type Json = Record<string, unknown>;

export function strategicDiff(from: Json, to: Json, type: MergeType): Json {
  const patch: Json = {};
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) patch[key] = null;
  for (const [key, value] of Object.entries(to)) {
    const field = type.kind === 'struct' ? type.fields.get(key) : type.kind === 'map' ? type.values : undefined;
    const before = from[key];
    if (Array.isArray(value) && field?.kind === 'list' && field.strategic) {
      Object.assign(patch, listDiff(key, Array.isArray(before) ? before : [], value, field));
    } else if (isMap(value) && isMap(before)) {
      patch[key] = strategicDiff(before, value, field ?? { kind: 'deduced' });
    } else if (JSON.stringify(before) !== JSON.stringify(value)) patch[key] = value;
  }
  return patch;
}

function listDiff(key: string, from: unknown[], to: unknown[], type: Extract<MergeType, { kind: 'list' }>): Json {
  const name = type.strategic?.key;
  if (name === undefined) {
    const gone = from.filter((item) => !to.includes(item));
    return { [`$deleteFromPrimitiveList/${key}`]: gone, [`$setElementOrder/${key}`]: to, [key]: to };
  }
  const find = (list: unknown[], item: unknown): unknown =>
    list.find((other) => (other as Json)[name] === (item as Json)[name]);
  const gone = from
    .filter((item) => !find(to, item))
    .map((item) => ({ $patch: 'delete', [name]: (item as Json)[name] }));
  const kept = to.map((item) => ({
    ...strategicDiff((find(from, item) ?? {}) as Json, item as Json, type.items),
    [name]: (item as Json)[name],
  }));
  return {
    [key]: [...kept, ...gone],
    [`$setElementOrder/${key}`]: to.map((item) => ({ [name]: (item as Json)[name] })),
  };
}

function isMap(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
