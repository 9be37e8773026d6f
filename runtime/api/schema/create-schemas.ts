/** A table of types → what the API asks of it. */
import { createChecker } from './check/check.ts';
import { definitionsOf, type ModelTable } from './model-table.ts';
import type { Schemas } from './schemas.ts';

export function createSchemas(table: ModelTable): Schemas {
  const definitions = definitionsOf(table);
  const check = createChecker(definitions);
  const definitionOf: Schemas['definitionOf'] = (apiVersion, kind) => {
    // DeleteOptions may come in the version of the group it is sent to.
    const name = kind === 'DeleteOptions' ? 'V1DeleteOptions' : table.kinds[`${apiVersion}/${kind}`];
    return name === undefined ? undefined : definitions.get(name);
  };
  return {
    release: table.release,
    definition: (name) => definitions.get(name),
    definitionOf,
    checkObject: (apiVersion, kind, value) => check(definitionOf(apiVersion, kind), value),
  };
}
