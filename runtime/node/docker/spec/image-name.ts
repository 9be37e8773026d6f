/** Names of images: what is one, and what it says in full. Source: github.com/distribution/reference (normalize.go, regexp.go). */

const HOST_PART = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const HOST = `(?:${HOST_PART}(?:\\.${HOST_PART})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const PATH_PART = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const TAG = '[\\w][\\w.-]{0,127}';
const DIGEST = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';
const NAME = new RegExp(`^(${HOST}/${PATH_PART}(?:/${PATH_PART})*)(?::${TAG})?(?:@${DIGEST})?$`);
const LONGEST = 255;
const DEFAULT_HOST = 'docker.io';

/**
 * 'busybox:1' → 'docker.io/library/busybox'; 'r.example:5000/team/web@sha256:…' → 'r.example:5000/team/web'.
 * @throws Error in the words of engines
 */
export function repositoryOf(image: string): string {
  if (/^[a-f0-9]{64}$/.test(image)) {
    throw new Error(`invalid repository name (${image}), cannot specify 64-byte hexadecimal strings`);
  }
  const full = withHost(image);
  const path = full.slice(full.indexOf('/') + 1).split(/[:@]/)[0];
  if (path !== path.toLowerCase()) {
    throw new Error(`invalid reference format: repository name (${path}) must be lowercase`);
  }
  const repository = NAME.exec(full)?.[1];
  if (repository === undefined) throw new Error('invalid reference format');
  if (path.length > LONGEST) throw new Error(`repository name must not be more than ${LONGEST} characters`);
  return repository;
}

/** Without a dot, a colon or capitals the first part is not a registry's host. */
function withHost(image: string): string {
  const slash = image.indexOf('/');
  const first = slash < 0 ? '' : image.slice(0, slash);
  const isHost = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  const [host, rest] = isHost ? [first, image.slice(slash + 1)] : [DEFAULT_HOST, image];
  const isDefault = host === DEFAULT_HOST || host === `index.${DEFAULT_HOST}`;
  if (!isDefault) return `${host}/${rest}`;
  return `${DEFAULT_HOST}/${rest.includes('/') ? rest : `library/${rest}`}`;
}
