/**
 * Files of a volume that change all at once: they lie in a directory with a time for a name, `..data` points to it, and each name
 * points through `..data`. Source: Kubernetes v1.36, pkg/volume/util/atomic_writer.go.
 */
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { VolumeFiles } from './volume-files.ts';

const DATA = '..data';

/** Writes nothing when all is as it should be. @param group who else may read them: fsGroup. */
export async function writeFiles(directory: string, files: VolumeFiles, group?: number): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o755 });
  const current = await readlink(join(directory, DATA)).catch(absent);
  if (current !== undefined && (await same(join(directory, current), files))) return;
  const fresh = await mkdtemp(`${directory}/..`);
  await chmod(fresh, 0o755);
  for (const [path, { content, mode }] of files) {
    const target = join(fresh, path);
    await mkdir(dirname(target), { recursive: true, mode: 0o755 });
    await writeFile(target, content);
    await chmod(target, group === undefined ? mode : mode | 0o040);
    if (group !== undefined) await chown(target, -1, group);
  }
  const next = join(directory, '..data_tmp');
  await rm(next, { force: true });
  await symlink(fresh.slice(directory.length + 1), next);
  await rename(next, join(directory, DATA));
  const names = new Set([...files.keys()].map((path) => path.split('/')[0]));
  for (const name of names) {
    const link = join(directory, name);
    if (!(await lstat(link).catch(absent))) await symlink(join(DATA, name), link);
  }
  if (current === undefined) return;
  for (const name of await topNames(join(directory, current))) {
    if (!names.has(name)) await rm(join(directory, name), { force: true });
  }
  await rm(join(directory, current), { recursive: true, force: true });
}

async function same(directory: string, files: VolumeFiles): Promise<boolean> {
  for (const [path, { content }] of files) {
    const there = await readFile(join(directory, path)).catch(absent);
    if (!there?.equals(content)) return false;
  }
  const names = new Set([...files.keys()].map((path) => path.split('/')[0]));
  return (await topNames(directory)).every((name) => names.has(name));
}

async function topNames(directory: string): Promise<string[]> {
  return (await readdir(directory).catch(absent)) ?? [];
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw error;
}
