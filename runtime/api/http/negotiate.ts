/** Which form of an answer the client takes. Source: Kubernetes v1.36, apiserver/pkg/endpoints/handlers/negotiation/negotiate.go. */
import { notAcceptable } from './status.ts';

export type Form = 'object' | 'table' | 'partial';

export interface Accepted {
  form: Form;
  /** Of meta.k8s.io, for tables and partial objects. */
  version: string;
}

interface MediaRange {
  type: string;
  parameters: ReadonlyMap<string, string>;
  quality: number;
}

const PLAIN: Accepted = { form: 'object', version: 'v1' };
const OFFERED = ['application/json', 'application/json;as=Table;v=v1;g=meta.k8s.io'];

/**
 * The first of the client's wishes that can be met. Throws the 406 when there is none.
 *
 * @param transforms false for what has no metadata: reviews and discovery are never tables.
 */
export function negotiate(accept: string | undefined, transforms: boolean): Accepted {
  if (!accept) return PLAIN;
  for (const { type, parameters } of parseAccept(accept)) {
    if (type !== 'application/json' && type !== 'application/*' && type !== '*/*') continue;
    const as = parameters.get('as');
    if (as === undefined) return PLAIN;
    const version = parameters.get('v') ?? '';
    if (!transforms || parameters.get('g') !== 'meta.k8s.io' || !/^v1(beta1)?$/.test(version)) continue;
    if (as === 'Table') return { form: 'table', version };
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') return { form: 'partial', version };
  }
  throw notAcceptable(OFFERED);
}

/** Most wanted first. What cannot be read is left out. */
export function parseAccept(accept: string): MediaRange[] {
  const ranges: MediaRange[] = [];
  for (const part of accept.split(',')) {
    const [type, ...rest] = part.split(';').map((piece) => piece.trim());
    if (type === '') continue;
    const parameters = new Map<string, string>();
    for (const parameter of rest) {
      const equals = parameter.indexOf('=');
      if (equals > 0) parameters.set(parameter.slice(0, equals).trim(), parameter.slice(equals + 1).trim());
    }
    const quality = Number(parameters.get('q') ?? 1);
    ranges.push({ type: type.toLowerCase(), parameters, quality: Number.isNaN(quality) ? 1 : quality });
  }
  return ranges.filter(({ quality }) => quality > 0).sort((a, b) => b.quality - a.quality);
}
