/** The files of a made-up pod: names and bytes in memory, shared by its containers, bounded. */

/** All files of a pod together; more is refused as a full disk would. */
export const FILES_LIMIT_BYTES = 8 * 1024 * 1024;

export class MadeUpFiles {
  private readonly files = new Map<string, Buffer>();
  private bytes = 0;

  /** @param path absolute, or from the root. */
  read(path: string): Buffer | undefined {
    return this.files.get(absolute(path));
  }

  /** @throws Error when the pod's disk is full. */
  write(path: string, content: Buffer): void {
    const name = absolute(path);
    const before = this.files.get(name)?.length ?? 0;
    if (this.bytes - before + content.length > FILES_LIMIT_BYTES) throw new Error(`${name}: No space left on device`);
    this.bytes += content.length - before;
    this.files.set(name, content);
  }

  remove(path: string): boolean {
    const name = absolute(path);
    this.bytes -= this.files.get(name)?.length ?? 0;
    return this.files.delete(name);
  }

  isDirectory(path: string): boolean {
    const name = absolute(path);
    return ROOTS.has(name) || this.under(name).some((file) => file !== name);
  }

  /** Names of all files at or below a path, sorted. */
  under(path: string): string[] {
    const name = absolute(path);
    const prefix = name === '/' ? '/' : `${name}/`;
    return [...this.files.keys()].filter((file) => file === name || file.startsWith(prefix)).sort();
  }

  /** What `ls` shows of a directory. */
  entries(path: string): string[] {
    const name = absolute(path);
    const prefix = name === '/' ? '/' : `${name}/`;
    const inside = [...this.files.keys(), ...ROOTS].filter((file) => file.startsWith(prefix) && file !== '/');
    return [...new Set(inside.map((file) => file.slice(prefix.length).split('/')[0]))].sort();
  }
}

const ROOTS: ReadonlySet<string> = new Set(['/', '/tmp', '/root', '/etc', '/var']);

/** '/a/b' for 'a//./b/../b'. */
export function absolute(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
