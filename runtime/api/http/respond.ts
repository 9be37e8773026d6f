/** Writes answers: objects, bytes and refusals, with the headers that go with them. */
import type { ServerResponse } from 'node:http';
import { ApiError, internal, type Status } from './status.ts';
import { isGone, streamOf } from './stream-of.ts';

export const JSON_TYPE = 'application/json';

export function sendJson(response: ServerResponse, code: number, body: unknown, contentType = JSON_TYPE): void {
  sendBytes(response, code, Buffer.from(`${JSON.stringify(body)}\n`), contentType);
}

export function sendText(response: ServerResponse, code: number, text: string): void {
  sendBytes(response, code, Buffer.from(text), 'text/plain; charset=utf-8');
}

export interface Body {
  bytes: number;
  /** A piece is valid until the next is asked for. */
  pieces: Iterator<Uint8Array>;
}

/** In one piece. */
export function bodyOf(bytes: Uint8Array): Body {
  return { bytes: bytes.length, pieces: [bytes].values() };
}

/** Each piece is made when the connection has taken the one before: what a slow client does not read takes no memory. */
export function sendBody(response: ServerResponse, code: number, { bytes, pieces }: Body, contentType: string): void {
  if (response.headersSent || isGone(response)) return;
  response.writeHead(code, { 'Content-Type': contentType, 'Content-Length': bytes });
  let sent = 0;
  const send = (error?: Error | null): void => {
    if (error || isGone(response)) return;
    const piece: Uint8Array = pieces.next().value;
    sent += piece.length;
    if (sent < bytes) response.write(piece, send);
    else response.end(piece);
  };
  send();
}

export function sendBytes(response: ServerResponse, code: number, body: Uint8Array, contentType: string): void {
  if (response.headersSent || isGone(response)) return;
  response.writeHead(code, { 'Content-Type': contentType, 'Content-Length': body.length });
  response.end(body);
}

/** A refusal as its Status; anything else that was thrown is a fault of ours, told without its insides. */
export function sendError(response: ServerResponse, error: unknown): void {
  const refusal = error instanceof ApiError ? error : internal('the request could not be handled', error);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  for (const [name, value] of Object.entries(refusal.headers)) response.setHeader(name, value);
  const restIsLeft = refusal.code === 413 || refusal.code === 504;
  // It would be taken for the next request; HTTP/2 keeps requests apart.
  if (restIsLeft && !streamOf(response)) response.setHeader('Connection', 'close');
  sendJson(response, refusal.code, refusal.status);
}

export function sendStatus(response: ServerResponse, status: Status): void {
  sendJson(response, status.code, status);
}

/** Warning: 299 - "text". @param texts in the order they were given; repeated ones once. */
export function setWarnings(response: ServerResponse, texts: readonly string[]): void {
  if (texts.length === 0 || response.headersSent) return;
  const values = [...new Set(texts)].map((text) => `299 - "${quoted(text)}"`);
  response.setHeader('Warning', values);
}

/** Inside a header's quotes; what a header cannot carry is a question mark. */
function quoted(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&');
}
