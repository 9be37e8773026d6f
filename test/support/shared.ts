/**
 * Where the reference data beside the project lies: ../shared, or KEELSON_SHARED. Tests that need it say aloud what they
 * skip when it is absent; under CI they fail instead, unless KEELSON_NO_SHARED=1 says that CI may do without.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const root = process.env.KEELSON_SHARED ?? join(import.meta.dirname, '..', '..', '..', 'shared');
const said = new Set<string>();

/** Absolute path of 'data/traces/openb', or undefined where it is absent. */
export function sharedPath(relative: string): string | undefined {
  const path = join(root, relative);
  if (existsSync(path)) return path;
  if (process.env.CI === 'true' && process.env.KEELSON_NO_SHARED !== '1')
    throw new Error(`${path} is missing, and CI skips nothing`);
  if (!said.has(relative)) console.log(`skipped: what needs ${path}, which is absent`);
  said.add(relative);
  return undefined;
}
