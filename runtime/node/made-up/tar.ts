/** tar as `kubectl cp` calls it: `tar cf - PATH…` and `tar xmf - -C DIR`. */

import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, pack } from 'tar-stream';
import { absolute, type MadeUpFiles } from './files.ts';

/** Resolves with the exit code. */
export async function tar(
  args: readonly string[],
  files: MadeUpFiles,
  { stdin, stdout, complain }: { stdin?: Readable; stdout?: Writable; complain(text: string): void },
): Promise<number> {
  const [mode = '', ...rest] = args;
  const letters = mode.replace(/^-/, '');
  const paths: string[] = [];
  let directory = '/';
  for (let i = 0; i < rest.length; i++) {
    if (rest[i] === '-C') directory = rest[++i] ?? '/';
    else if (rest[i] === '-' || rest[i] === '-f' || rest[i].startsWith('--')) continue;
    else paths.push(rest[i]);
  }
  if (letters.includes('c') && stdout) return create(paths, directory, files, stdout, complain);
  if (letters.includes('x') && stdin) return unpack(stdin, directory, files, complain);
  complain('tar: only `c` and `x` over standard streams are known to a made-up pod\n');
  return 2;
}

async function create(
  paths: readonly string[],
  directory: string,
  files: MadeUpFiles,
  stdout: Writable,
  complain: (text: string) => void,
): Promise<number> {
  const archive = pack();
  const sent = pipeline(archive, stdout, { end: false });
  let missing = false;
  for (const path of paths) {
    const found = files.under(path.startsWith('/') ? path : `${directory}/${path}`);
    if (found.length === 0) {
      complain(`tar: ${path}: Cannot stat: No such file or directory\n`);
      missing = true;
    }
    for (const file of found) {
      await new Promise<void>((done, failed) => {
        archive.entry({ name: file.slice(1), mode: 0o644 }, files.read(file), (error) =>
          error ? failed(error) : done(),
        );
      });
    }
  }
  archive.finalize();
  await sent;
  return missing ? 2 : 0;
}

async function unpack(
  stdin: Readable,
  directory: string,
  files: MadeUpFiles,
  complain: (text: string) => void,
): Promise<number> {
  const entries = extract();
  let failed = false;
  entries.on('entry', (header, content, next) => {
    const parts: Buffer[] = [];
    content.on('data', (part: Buffer) => parts.push(part));
    content.on('end', () => {
      try {
        if (header.type === 'file') files.write(absolute(`${directory}/${header.name}`), Buffer.concat(parts));
      } catch (error) {
        failed = true;
        complain(`tar: ${error instanceof Error ? error.message : String(error)}\n`);
      }
      next();
    });
  });
  try {
    await pipeline(stdin, entries);
  } catch (error) {
    complain(`tar: ${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  return failed ? 2 : 0;
}
