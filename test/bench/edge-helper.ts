import { fork } from "node:child_process";
import { join } from "node:path";

export type Helper<Question, Answer> = { pid: number; ask(question: Question): Promise<Answer>; stop(): void };

/** A process of the bench's own that answers one message with one, and ends with the bench. */
export function startHelper<Question extends object, Answer>(file: string): Helper<Question, Answer> {
  const child = fork(join(import.meta.dirname, file), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  return {
    pid: child.pid ?? 0,
    ask: (question) =>
      new Promise((resolve, reject) => {
        const ended = () => reject(new Error(`${file} ended`));
        child.once("exit", ended);
        child.once("message", (answer) => {
          child.off("exit", ended);
          resolve(answer as Answer); // as the file sends it
        });
        child.send(question);
      }),
    stop: () => void child.kill(),
  };
}
