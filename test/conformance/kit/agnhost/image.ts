/** The image of the rows' containers: busybox, and perl of the machine (perl-base) with `agnhost.pl`. No registry is asked. */
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type Docker from 'dockerode';
import { type Pack, pack } from 'tar-stream';
import { programOf } from '../../../../runtime/node/docker/engine/pause-image.ts';
import { addBusybox, importArchive } from '../../../support/dockerd.ts';

export const AGNHOST_IMAGE = 'keelson-agnhost:1';
/** The same with an entry point of its own: says 'entry' and its arguments, 'default' unless told. */
export const ENTRY_IMAGE = 'keelson-entry:1';
/** The same as user 1001. */
export const USER_IMAGE = 'keelson-user:1';

const PERL = '/usr/bin/perl';

/** x86-64: ends with the lowest eight bits of the user it runs as. Its file belongs to root and says so (set-user-ID). */
const EUID = [
  ...[0xb8, 107, 0, 0, 0], // mov eax, geteuid
  ...[0x0f, 0x05], // syscall
  ...[0x89, 0xc7], // mov edi, eax
  ...[0xb8, 60, 0, 0, 0], // mov eax, exit
  ...[0x0f, 0x05], // syscall
];

export async function importAgnhost(docker: Docker): Promise<void> {
  const path = 'ENV PATH=/bin:/usr/bin';
  for (const [name, changes] of [
    [AGNHOST_IMAGE, ['CMD ["sh"]']],
    [ENTRY_IMAGE, ['ENTRYPOINT ["/bin/echo", "entry"]', 'CMD ["default", "arguments"]']],
    [USER_IMAGE, ['CMD ["sh"]', 'USER 1001']],
  ] as const) {
    const archive = pack();
    addAgnhost(archive);
    await importArchive(docker, archive, name, [path, ...changes]);
  }
}

/** The whole root file system. */
export function addAgnhost(archive: Pack): void {
  addBusybox(archive);
  addPerl(archive);
  archive.entry({ name: 'bin/euid', mode: 0o4755 }, programOf(EUID));
  archive.entry({ name: 'bin/agnhost', mode: 0o755 }, readFileSync(join(import.meta.dirname, 'agnhost.pl')));
}

/** Apart from the usual places: the C library of the static busybox would load the one that perl brings, and fall over it. */
function addPerl(archive: Pack): void {
  const libraries = librariesOf(PERL);
  for (const file of [PERL, ...libraries]) {
    archive.entry({ name: `opt/perl/${basename(file)}`, mode: 0o755 }, readFileSync(file));
  }
  for (const file of modules()) archive.entry({ name: file.slice(1), mode: 0o644 }, readFileSync(file));
  const loader = libraries.map((path) => basename(path)).find((name) => name.startsWith('ld-linux'));
  const start = `#!/bin/sh\nexec /opt/perl/${loader} --library-path /opt/perl /opt/perl/perl "$@"\n`;
  archive.entry({ name: PERL.slice(1), mode: 0o755 }, start);
}

function librariesOf(program: string): string[] {
  const told = execFileSync('ldd', [program], { encoding: 'utf8' });
  return [...told.matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path);
}

/** Without those of languages, which are most of it. */
function modules(): string[] {
  const [base] = execFileSync(PERL, ['-e', 'print join "\\n", grep { /perl-base/ } @INC'], { encoding: 'utf8' }).split(
    '\n',
  );
  return globSync(`${base}/**/*.{pm,pl,so}`).filter((path) => !path.includes('/unicore/'));
}
