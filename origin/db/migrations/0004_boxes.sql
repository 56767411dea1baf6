CREATE TABLE "lane_boxes" (
	"lane" text NOT NULL,
	"box" text NOT NULL,
	"health" jsonb NOT NULL,
	"seen_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "lane_boxes_lane_box_pk" PRIMARY KEY("lane","box")
);
