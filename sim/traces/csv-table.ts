/** A CSV file with a header row, read cell by cell: every wrong cell becomes a problem naming file, line and column. */
import { parse } from 'csv-parse/sync';
import { ApiError, type Problem } from '../../core/index.ts';
import { wrongFile } from './read-text.ts';

export class CsvTable {
  readonly path: string;
  readonly rows: CsvRow[] = [];
  readonly #problems: Problem[] = [];
  readonly #columns = new Map<string, number>();

  /** @throws ApiError when there is no table at all, or when required columns are missing. */
  constructor(text: string, path: string, required: readonly string[]) {
    this.path = path;
    const [header, ...records] = readRecords(text, path);
    if (!header) throw wrongFile(path, 'the file is empty');
    header.record.forEach((name, index) => {
      this.#columns.set(name.trim(), index);
    });
    const found = shorten(header.record.join(','), 120);
    for (const name of required) {
      if (!this.#columns.has(name)) this.report(header.line, name, `the column is missing; the header is '${found}'`);
    }
    this.done();
    if (records.length === 0) throw wrongFile(path, 'there is a header, but no row');
    for (const { line, record } of records) {
      if (record.length === header.record.length) this.rows.push(new CsvRow(this, line, record));
      else this.report(line, '', `${record.length} values for ${header.record.length} columns`);
    }
  }

  has(column: string): boolean {
    return this.#columns.has(column);
  }

  indexOf(column: string): number {
    return this.#columns.get(column) ?? -1;
  }

  report(line: number, column: string, message: string): void {
    this.#problems.push({ source: this.path, line, path: column, message, severity: 'error' });
  }

  /** @throws ApiError when any cell was wrong. */
  done(): void {
    if (this.#problems.length > 0) throw new ApiError('Invalid', this.#problems);
  }
}

export class CsvRow {
  readonly line: number;
  readonly #table: CsvTable;
  readonly #record: string[];

  constructor(table: CsvTable, line: number, record: string[]) {
    this.#table = table;
    this.line = line;
    this.#record = record;
  }

  /** '' where the table has no such column. */
  text(column: string): string {
    return this.#record[this.#table.indexOf(column)]?.trim() ?? '';
  }

  /** A whole number from 0 to `max`; 0 beside a problem. '12000.0' is whole. */
  whole(column: string, max: number): number {
    const text = this.text(column);
    if (/^-\d/.test(text)) return this.problem(column, `'${shorten(text)}' is negative`);
    if (!/^\d+(\.0+)?$/.test(text)) return this.problem(column, `'${shorten(text)}' is not a whole number`);
    const value = Number(text);
    if (value > max) return this.problem(column, `${shorten(text)} is more than ${max}`);
    return value;
  }

  /** Any finite number; 0 beside a problem. */
  decimal(column: string): number {
    const text = this.text(column);
    const value = Number(text);
    if (text === '' || !Number.isFinite(value)) return this.problem(column, `'${shorten(text)}' is not a number`);
    return value;
  }

  /** A lower-case DNS name as Kubernetes asks of nodes and pods. */
  name(column: string): string {
    const text = this.text(column);
    if (text === '') this.problem(column, 'a name is missing');
    else if (text.length > 253)
      this.problem(column, `'${shorten(text)}' has ${text.length} characters, 253 are allowed`);
    else if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(text)) {
      this.problem(column, `'${shorten(text)}' is not a lower-case DNS name`);
    }
    return text;
  }

  /** The stand-in for the wrong number. */
  problem(column: string, what: string): 0 {
    this.#table.report(this.line, column, what);
    return 0;
  }
}

function readRecords(text: string, path: string): { line: number; record: string[] }[] {
  try {
    const options = { bom: true, info: true, relax_column_count: true, skip_empty_lines: true };
    const rows = parse(text, options) as unknown as { info: { lines: number }; record: string[] }[];
    return rows.map(({ info, record }) => ({ line: info.lines, record }));
  } catch (error) {
    const { message, lines } = error as Error & { lines?: number };
    throw wrongFile(path, `not a CSV file: ${message}`, error, lines);
  }
}

function shorten(text: string, length = 40): string {
  return text.length > length ? `${text.slice(0, length)}...` : text;
}
