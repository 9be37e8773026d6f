/** /openapi/v3 and /openapi/v2, as kubectl asks for them before apply, create and explain. */
import type { Call } from '../http/call.ts';
import { JSON_TYPE, sendBytes, sendJson, sendText } from '../http/respond.ts';
import type { KindTable } from '../kinds/table.ts';
import { documentHash, openApiIndex, openApiPath, openApiV2, openApiV3 } from '../schema/openapi/openapi.ts';
import type { Schemas } from '../schema/schemas.ts';

/** With a dot where the client's Accept has '@': Go's parser of media types refuses the '@'. */
const V2_TYPE = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
const YEAR_MS = 365 * 24 * 3600 * 1000;
const V3 = '/openapi/v3';

type Route = (call: Call) => void;

/** By path, for the server's `routes`. Made anew when kinds come or go; the documents themselves when they are asked for. */
export function openApiRoutes(
  schemas: Schemas,
  kinds: KindTable,
  now: () => number = Date.now,
): ReadonlyMap<string, Route> {
  let index = { generation: -1, body: Buffer.alloc(0) };
  const currentIndex = (): Buffer => {
    if (index.generation !== kinds.generation) {
      const body = Buffer.from(JSON.stringify(openApiIndex([...kinds.rows()], schemas)));
      index = { generation: kinds.generation, body };
    }
    return index.body;
  };
  return new Map<string, Route>([
    [V3, ({ response }) => sendBytes(response, 200, currentIndex(), JSON_TYPE)],
    [`${V3}/`, (call) => sendDocument(call, schemas, kinds, now())],
    ['/openapi/v2', (call) => sendV2(call, schemas)],
  ]);
}

/** Clients keep it under its address, which changes with it: `?hash=`. */
function sendDocument(
  { info, query, request, response }: Call,
  schemas: Schemas,
  kinds: KindTable,
  nowMs: number,
): void {
  const asked = info.path.slice(V3.length + 1);
  const groupVersion = asked.replace(/^apis?\//, '');
  const rows = [...kinds.rows()];
  const isServed = rows.some(({ group, version }) => groupVersion === (group === '' ? version : `${group}/${version}`));
  if (!isServed || openApiPath(groupVersion) !== asked) {
    sendText(response, 404, '404 page not found\n');
    return;
  }
  const text = JSON.stringify(openApiV3(groupVersion, rows, schemas));
  const hash = documentHash(text);
  response.setHeader('ETag', `"${hash}"`);
  response.setHeader('Vary', 'Accept, Accept-Encoding');
  if (query.get('hash') === hash) {
    response.setHeader('Cache-Control', 'public, immutable');
    response.setHeader('Expires', new Date(nowMs + YEAR_MS).toUTCString());
  }
  if (request.headers['if-none-match'] === `"${hash}"`) {
    response.writeHead(304).end();
    return;
  }
  sendBytes(response, 200, Buffer.from(text), JSON_TYPE);
}

/** No bytes are a valid document, and all that kubectl 1.27 and 1.28 want of version 2. */
function sendV2({ request, response }: Call, schemas: Schemas): void {
  if (request.headers.accept?.includes('proto-openapi')) sendBytes(response, 200, new Uint8Array(), V2_TYPE);
  else sendJson(response, 200, openApiV2(schemas));
}
