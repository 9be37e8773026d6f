/** Where the types come from: the installed client-node, read once and kept as JSON. All file access of this folder. */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSchemas } from './create-schemas.ts';
import type { ModelTable } from './model-table.ts';
import { FURTHER_KINDS, readKinds, readModel } from './read-models.ts';
import type { Schemas } from './schemas.ts';

/** Part of the file's name, so that a table in an older form is not taken for a newer one. */
const FORM = 1;

/**
 * From `cacheDir` when an earlier start has left the table there for this version of client-node, otherwise read anew
 * (some tenths of a second) and left there. A cache that cannot be read or written costs time, nothing else.
 */
export async function loadSchemas(cacheDir?: string): Promise<Schemas> {
  const root = fileURLToPath(new URL('../', import.meta.resolve('@kubernetes/client-node')));
  if (cacheDir === undefined) return createSchemas(readTable(root));
  const version = String(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version);
  const path = join(cacheDir, `kubernetes-types-${version}-${FORM}.json`);
  const kept = await readKept(path);
  if (kept) return createSchemas(kept);
  const table = readTable(root);
  await keep(cacheDir, path, table);
  return createSchemas(table);
}

async function readKept(path: string): Promise<ModelTable | undefined> {
  try {
    const table: ModelTable = JSON.parse(await readFile(path, 'utf8'));
    return table.models && table.kinds ? table : undefined;
  } catch {
    return undefined; // Absent or damaged: the table is read anew and replaces it.
  }
}

async function keep(cacheDir: string, path: string, table: ModelTable): Promise<void> {
  const unfinished = `${path}.${process.pid}`;
  try {
    await mkdir(cacheDir, { recursive: true });
    await writeFile(unfinished, JSON.stringify(table));
    await rename(unfinished, path);
  } catch (error) {
    process.emitWarning(`the types of Kubernetes are not kept in ${cacheDir}: ${String(error)}`);
  }
}

/** `root`: the package's folder. */
function readTable(root: string): ModelTable {
  const models: ModelTable['models'] = {};
  const modelDir = join(root, 'dist/gen/models');
  let release = '';
  for (const file of readdirSync(modelDir)) {
    if (!file.endsWith('.js') || file === 'ObjectSerializer.js' || file === 'all.js') continue;
    const name = file.slice(0, -3);
    const code = readFileSync(join(modelDir, file), 'utf8');
    release ||= /OpenAPI spec version: release-(\S+)/.exec(code)?.[1] ?? '';
    models[name] = readModel(name, code, readFileSync(join(modelDir, `${name}.d.ts`), 'utf8'));
  }
  const kinds: ModelTable['kinds'] = { ...FURTHER_KINDS };
  const apiDir = join(root, 'dist/gen/apis');
  for (const file of readdirSync(apiDir)) {
    if (!/V\d\w*Api\.js$/.test(file)) continue;
    for (const [kind, model] of readKinds(readFileSync(join(apiDir, file), 'utf8'))) kinds[kind] = model;
  }
  for (const [kind, model] of Object.entries(kinds)) {
    if (models[`${model}List`]) kinds[`${kind}List`] = `${model}List`;
  }
  return { release, models, kinds };
}
