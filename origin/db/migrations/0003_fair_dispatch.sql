CREATE TABLE "lane_clocks" (
	"lane" text PRIMARY KEY NOT NULL,
	"standard" double precision DEFAULT 0 NOT NULL,
	"premium" double precision DEFAULT 0 NOT NULL,
	"premium_in_a_row" integer DEFAULT 0 NOT NULL,
	"premium_at" timestamp (3) with time zone,
	"chosen_at" timestamp (3) with time zone,
	"saturated" boolean DEFAULT false NOT NULL,
	"observed_ms" double precision DEFAULT 0 NOT NULL,
	"drained_jobs" double precision DEFAULT 0 NOT NULL,
	"drained_cost_ms" double precision DEFAULT 0 NOT NULL
);
--> statement-breakpoint
ALTER TABLE "jobs" ADD COLUMN "turn_at" timestamp (3) with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "lane_shares" ADD COLUMN "weight" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "lane_shares" ADD COLUMN "waiting" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX "jobs_waiting" ON "jobs" USING btree ("lane","account","turn_at","seq","cost_ms") WHERE "jobs"."state" = 'queued' and "jobs"."window_at" is null;--> statement-breakpoint
CREATE INDEX "jobs_inside" ON "jobs" USING btree ("lane","account") WHERE "jobs"."state" = 'running' or ("jobs"."state" = 'queued' and "jobs"."window_at" is not null);--> statement-breakpoint
CREATE INDEX "lane_shares_waiting" ON "lane_shares" USING btree ("lane","account") WHERE "lane_shares"."waiting";