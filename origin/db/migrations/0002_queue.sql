CREATE TABLE "lane_shares" (
	"lane" text NOT NULL,
	"account" text NOT NULL,
	"served" double precision DEFAULT 0 NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "lane_shares_lane_account_pk" PRIMARY KEY("lane","account")
);
--> statement-breakpoint
CREATE TABLE "quarantine" (
	"sha256" text PRIMARY KEY NOT NULL,
	"since" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"until" timestamp (3) with time zone NOT NULL,
	"job" text NOT NULL,
	"operation" text NOT NULL,
	"refused" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
ALTER TABLE "jobs" ADD COLUMN "cost_ms" integer DEFAULT 1000 NOT NULL;--> statement-breakpoint
ALTER TABLE "jobs" ADD COLUMN "queue_expires_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "jobs" ADD COLUMN "files_expire_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "jobs" ADD COLUMN "files_deleted_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "quarantine_until" ON "quarantine" USING btree ("until");--> statement-breakpoint
CREATE INDEX "jobs_seq" ON "jobs" USING btree ("seq");--> statement-breakpoint
CREATE INDEX "jobs_account_created" ON "jobs" USING btree ("account","created_at");--> statement-breakpoint
CREATE INDEX "jobs_uploads" ON "jobs" USING gin (jsonb_path_query_array("inputs", '$[*].upload') jsonb_path_ops);--> statement-breakpoint
CREATE INDEX "jobs_failed" ON "jobs" USING btree ("seq") WHERE "jobs"."state" = 'failed';--> statement-breakpoint
CREATE INDEX "jobs_files_due" ON "jobs" USING btree ("files_expire_at") WHERE "jobs"."files_deleted_at" is null and "jobs"."files_expire_at" is not null;--> statement-breakpoint
CREATE INDEX "jobs_queue_due" ON "jobs" USING btree ("queue_expires_at") WHERE "jobs"."state" = 'queued';