/** Which files a manifest input names: a file as it is, a folder with all manifests below it, in order of their names. */
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../../core/index.ts';

export interface ManifestFile {
  path: string;
  /** Found in a folder, where files that are no manifests are to be expected. */
  inFolder: boolean;
}

const MANIFEST = /\.(ya?ml|json)(\.gz)?$/i;

export function listManifests(paths: readonly string[]): { files: ManifestFile[]; problems: Problem[] } {
  const files: ManifestFile[] = [];
  const problems: Problem[] = [];
  for (const path of paths) {
    const problem = (message: string): number => problems.push({ source: path, path: '', message, severity: 'error' });
    try {
      if (!statSync(path).isDirectory()) {
        files.push({ path, inFolder: false });
        continue;
      }
      const below = listFolder(path, new Set());
      if (below.length === 0) problem('holds no manifest (.yaml, .yml or .json, also with .gz)');
      files.push(...below.map((found) => ({ path: found, inFolder: true })));
    } catch (error) {
      problem(`cannot be read: ${reasonOf(error)}`);
    }
  }
  return { files, problems };
}

/** Hidden files are left out, and a folder that a link leads back to is walked once. */
function listFolder(folder: string, walked: Set<string>): string[] {
  const real = realpathSync(folder);
  if (walked.has(real)) return [];
  walked.add(real);
  const names = readdirSync(folder).filter((name) => !name.startsWith('.'));
  return names.sort(byCodeUnit).flatMap((name) => {
    const path = join(folder, name);
    const stat = statSync(path, { throwIfNoEntry: false }); // A link may lead nowhere.
    if (stat?.isDirectory()) return listFolder(path, walked);
    return stat?.isFile() && MANIFEST.test(name) ? [path] : [];
  });
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: string; message: string };
  if (code === 'ENOENT') return 'no such file or folder';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  return message;
}
