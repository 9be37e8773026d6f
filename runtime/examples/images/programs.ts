/**
 * What the images hold: programs that Debian has installed on this machine, with the libraries they link to and the few
 * files they look for. Nothing is fetched.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** One file of an image. `path` is without a leading slash; without content or link it is a folder. */
export interface ImageFile {
  path: string;
  /** 0o755 for folders and 0o644 for files where left out. */
  mode?: number;
  content?: Buffer | string;
  /** It is a symbolic link to this. */
  link?: string;
}

/** A program that an image needs is not on this machine, or is none that an image can use. */
export class ProgramMissing extends Error {}

const PASSWD = 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n';
const GROUP = 'root:x:0:\nnogroup:x:65534:\n';
const LIBRARY = /^\s*(?:\S+ => )?(\/\S+) \(0x/gm;
const PAGE = '<!DOCTYPE html>\n<title>Welcome</title>\n<h1>Welcome to nginx, run by Keelson</h1>\n';

/** In the foreground; what it has to say goes where `kubectl logs` finds it. */
const NGINX_CONF = `daemon off;
worker_processes 1;
user nobody nogroup;
error_log /dev/stderr notice;
events {}
http {
  include mime.types;
  access_log /dev/stdout;
  server {
    listen 80;
    root /usr/share/nginx/html;
  }
}
`;

/** @param busybox path of the static one. @throws ProgramMissing */
export function busyboxFiles(busybox = findProgram('busybox', 'busybox-static')): ImageFile[] {
  if (librariesOf(busybox).length > 0) {
    throw new ProgramMissing(`${busybox} is not static: apt-get install busybox-static`);
  }
  const names = execFileSync(busybox, ['--list'], { encoding: 'utf8' }).split('\n');
  return [
    ...['bin', 'etc', 'root'].map((path) => ({ path })),
    { path: 'tmp', mode: 0o1777 },
    { path: 'etc/passwd', content: PASSWD },
    { path: 'etc/group', content: GROUP },
    { path: 'bin/busybox', mode: 0o755, content: readFileSync(busybox) },
    ...names.filter((name) => name && name !== 'busybox').map((name) => ({ path: `bin/${name}`, link: 'busybox' })),
  ];
}

/** With busybox beside it, for `kubectl exec`. @throws ProgramMissing */
export function nginxFiles(): ImageFile[] {
  const nginx = findProgram('nginx', 'nginx-light');
  const libraries = librariesOf(nginx);
  const folders = [
    'usr/sbin',
    'usr/share/nginx/html',
    'etc/nginx',
    'run',
    'var/lib/nginx',
    'var/log/nginx',
    'var/lock',
  ];
  return [
    ...busyboxFiles(),
    ...withParents([...folders, ...libraries.map((path) => path.slice(1, path.lastIndexOf('/')))]),
    { path: 'usr/sbin/nginx', mode: 0o755, content: readFileSync(nginx) },
    ...libraries.map((path) => ({ path: path.slice(1), mode: 0o755, content: readFileSync(path) })),
    { path: 'etc/nginx/nginx.conf', content: NGINX_CONF },
    { path: 'etc/nginx/mime.types', content: mimeTypes() },
    { path: 'usr/share/nginx/html/index.html', content: PAGE },
  ];
}

function mimeTypes(): Buffer {
  const path = '/etc/nginx/mime.types';
  if (!existsSync(path)) throw new ProgramMissing(`${path} is not there: apt-get install nginx-common`);
  return readFileSync(path);
}

function findProgram(name: string, debianPackage: string): string {
  const places = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'].map((folder) => `${folder}/${name}`);
  const found = places.find((path) => existsSync(path));
  if (!found)
    throw new ProgramMissing(`${name} is not in ${places[0]} or ${places[2]}: apt-get install ${debianPackage}`);
  return found;
}

/** Paths of the libraries that a program links to, its loader among them; none for a static one. */
export function librariesOf(program: string): string[] {
  let listed: string;
  try {
    listed = execFileSync('ldd', [program], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stderr = '', stdout = '' } = error as { stderr?: string; stdout?: string };
    if (/not a dynamic executable/.test(`${stdout}${stderr}`)) return [];
    throw new ProgramMissing(`ldd cannot tell what ${program} links to: ${stderr || (error as Error).message}`, {
      cause: error,
    });
  }
  if (/statically linked/.test(listed)) return [];
  const absent = /^\s*(\S+) => not found/m.exec(listed);
  if (absent) throw new ProgramMissing(`${program} links to ${absent[1]}, which is not on this machine`);
  return [...listed.matchAll(LIBRARY)].map(([, path]) => path);
}

/** Folders and those they are in, outer ones first, each once. */
function withParents(paths: readonly string[]): ImageFile[] {
  const all = paths.flatMap((path) => {
    const parts = path.split('/');
    return parts.map((_, i) => parts.slice(0, i + 1).join('/'));
  });
  return [...new Set(all)].filter((path) => path !== 'bin' && path !== 'etc').map((path) => ({ path }));
}
