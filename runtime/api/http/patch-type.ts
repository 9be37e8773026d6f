/** Which patch a Content-Type means. */
import type { ApiKind } from '../kinds/kind.ts';
import type { PatchType } from '../registry/patch.ts';
import { unsupportedMediaType } from './status.ts';

const TYPES: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
};

/** Throws the 415. Custom resources have no strategic merge. */
export function patchTypeOf(contentType: string | undefined, kind: ApiKind): PatchType {
  const type = (contentType ?? '').split(';', 1)[0].trim().toLowerCase();
  const offered = Object.keys(TYPES).filter((name) => !(kind.custom && TYPES[name] === 'strategic'));
  if (!offered.includes(type)) throw unsupportedMediaType(offered);
  return TYPES[type];
}
