#!/usr/bin/env node
// The door: plain JavaScript, so that a Node too old for what is behind it still gets a sentence instead of a stack
// trace. Behind it lie the TypeScript sources in a checkout, and in the published package what they were built to.
import { existsSync } from 'node:fs';
import module from 'node:module';

const inCheckout = existsSync(new URL('keelson.ts', import.meta.url));
const [major, minor] = process.versions.node.split('.').map(Number);
const needed = inCheckout ? [24, 0] : [22, 12];
if (major > needed[0] || (major === needed[0] && minor >= needed[1])) {
  // From the first module of TypeScript on: what reads types away need not be loaded the second time.
  module.enableCompileCache();
  await import(inCheckout ? './keelson.ts' : '../../dist/runtime/cli/keelson.js');
} else {
  const wanted = needed[1] === 0 ? `${needed[0]}` : needed.join('.');
  console.error(
    `keelson needs Node ${wanted} or newer, and this is Node ${process.versions.node} (${process.execPath}).`,
  );
  if (inCheckout) {
    console.error('Inside a checkout, after npm ci, `npx keelson ...` and `npm start` bring their own Node 24.');
  }
  process.exitCode = 2;
}
