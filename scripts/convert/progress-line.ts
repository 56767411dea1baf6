/** One line on standard error that is written over; where that is no terminal, a line for each new stage. */
export function progressLine(stream: NodeJS.WriteStream = process.stderr) {
  let last = "";
  return {
    show(text: string): void {
      if (stream.isTTY) stream.write(`\r\u001b[K${text}`);
      else {
        const stage = text.split(" ", 1)[0] ?? "";
        if (stage !== last) stream.write(`${stage}\n`);
        last = stage;
      }
    },
    clear(): void {
      if (stream.isTTY) stream.write("\r\u001b[K");
    },
  };
}
