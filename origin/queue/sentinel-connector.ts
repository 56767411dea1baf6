import { type SentinelConnectionOptions, SentinelConnector } from "ioredis";

/**
 * Looks for the master as ioredis does, without ending for ever: what it uses to hear of another master outlives the connection
 * that it was made for, and takes the search for the next one for that connection.
 */
export class LastingSentinelConnector extends SentinelConnector {
  constructor(options: unknown) {
    super(options as SentinelConnectionOptions); // what it is given as its `Connector` says no more
  }

  override connect(...told: Parameters<SentinelConnector["connect"]>): ReturnType<SentinelConnector["connect"]> {
    this.disconnect();
    return super.connect(...told);
  }
}
