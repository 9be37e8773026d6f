#!/usr/bin/env node
// The door: plain JavaScript, so that a Node too old to run TypeScript still gets a sentence instead of a stack trace.
const [major] = process.versions.node.split('.').map(Number);
if (major >= 24) {
  await import('./keelson.ts');
} else {
  console.error(`keelson needs Node 24 or newer, and this is Node ${process.versions.node} (${process.execPath}).`);
  console.error('Inside a checkout, after npm ci, `npx keelson ...` and `npm start` bring their own Node 24.');
  process.exitCode = 2;
}
