/** How a command that runs until it is told to stop hears of it. */

/** The first SIGINT or SIGTERM ends it in good order, the second at once. */
export function awaitSignal(): Promise<NodeJS.Signals> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
  process.removeAllListeners('SIGINT');
  let asked = false;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (asked) process.exit(name === 'SIGINT' ? 130 : 1);
      asked = true;
      resolve(name);
    });
  }
  return promise;
}
