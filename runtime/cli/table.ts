/** Plain tables in the manner of kubectl: no borders, columns as wide as they need, long texts wrapped to fit the width. */
import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';

const GAP = 2;
/** No column is squeezed below this, unless there are so many that they would not fit. */
const NARROWEST = 12;
const BORDERLESS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};

/** @param align per column; 'left' where not given. Ends with a newline. */
export function formatTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
  align: readonly ('left' | 'right')[] = [],
): string {
  const widths = columnWidths([head, ...rows], width);
  const table = new Table({
    head: head.map((title, i) => breakWords(title.toUpperCase(), widths[i] - GAP)),
    chars: BORDERLESS,
    colWidths: widths,
    colAligns: head.map((_, i) => align[i] ?? 'left'),
    wordWrap: true,
    wrapOnWordBoundary: true,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP },
  });
  for (const row of rows) table.push(row.map((cell, i) => breakWords(cell, widths[i] - GAP)));
  return table.toString().replace(/ +$/gm, '') + '\n';
}

/** As wide as the longest cell; where that is too much in all, the widest columns give way first. */
function columnWidths(rows: readonly (readonly string[])[], width: number): number[] {
  const natural = rows[0].map((_, i) => Math.max(1, ...rows.map((row) => longestLine(row[i] ?? ''))) + GAP);
  const widths = [...natural];
  const narrowest = Math.max(GAP + 1, Math.min(NARROWEST, Math.floor((width + GAP) / widths.length)));
  let excess = widths.reduce((sum, one) => sum + one, 0) - GAP - width;
  while (excess > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest] <= narrowest) break;
    const next = Math.max(narrowest, ...widths.filter((one) => one < widths[widest]));
    const step = Math.max(1, Math.min(excess, widths[widest] - next));
    widths[widest] -= step;
    excess -= step;
  }
  return widths;
}

function longestLine(cell: string): number {
  return Math.max(
    ...stripVTControlCharacters(cell)
      .split('\n')
      .map((line) => line.length),
  );
}

/** Words longer than the column are cut into pieces, as the table would cut off their ends. */
function breakWords(cell: string, width: number): string {
  return cell.replace(/\S+/g, (word) => {
    if (stripVTControlCharacters(word).length <= width) return word;
    return word.match(new RegExp(`.{1,${width}}`, 'gu'))?.join('\n') ?? word;
  });
}
