/** How a process of this benchmark tells the one that started it where it listens; it ends when that one does. */
export function sayPorts(ports: Readonly<Record<string, number>>): void {
  console.log(JSON.stringify(ports));
  process.stdin.resume().on('end', () => process.exit());
}
