package dev.flotilla.controller.command;

import dev.flotilla.agent.bucket.S3Bucket;
import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.controller.audit.AuditRecord;
import dev.flotilla.controller.audit.AuditTrail;
import dev.flotilla.controller.fleet.FleetConfiguration;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** {@code flotilla audit}: what was done to a fleet. */
@Command(
        name = "audit",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        header = "Shows who did what to the fleet, and whether the record of it is whole.",
        description = {
            "",
            "Every verb that changes a fleet leaves a record in the bucket, with the digest of the one before. A record that is missing, or"
                    + " was changed, is found. Who may write to the bucket can still write a whole chain anew: keep its last digest elsewhere,"
                    + " or have the bucket keep versions, where that matters.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  flotilla audit",
            "  flotilla audit --last 5",
            "  flotilla audit --json | jq -r '.records[] | .time + \" \" + .actor'",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:it is whole", "1:it is not, or can't be read; it stands in the output", "2:wrong usage"})
public final class AuditCommand implements Callable<Integer> {
    private final Supplier<AwsCredentialsProvider> credentials;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private FleetFile file = new FleetFile();

    @Option(names = "--last", paramLabel = "N", description = "Show only so many, the newest; all are verified.")
    private int last = Integer.MAX_VALUE;

    @Option(names = "--json", description = "Show it as one JSON object.")
    private boolean json;

    public AuditCommand(Supplier<AwsCredentialsProvider> credentials) {
        this.credentials = credentials;
    }

    @Override
    public Integer call() throws IOException {
        FleetConfiguration fleet = file.read();
        PrintWriter out = spec.commandLine().getOut();
        try (var bucket = S3Bucket.open(fleet.bucket(), credentials.get())) {
            AuditTrail.Reading reading = new AuditTrail(fleet.name(), bucket).read();
            List<AuditRecord> all = reading.records();
            List<AuditRecord> shown = all.subList(Math.max(0, all.size() - Math.max(0, last)), all.size());
            if (json) {
                out.println(JsonWriter.text(JsonObject.EMPTY
                        .with("whole", reading.faults().isEmpty())
                        .with(
                                "faults",
                                new Json.Sequence(reading.faults().stream()
                                        .<Json>map(Json.Text::new)
                                        .toList()))
                        .with(
                                "records",
                                new Json.Sequence(shown.stream()
                                        .<Json>map(AuditRecord::toJson)
                                        .toList()))));
            } else {
                shown.forEach(record -> print(record, out));
                reading.faults().forEach(fault -> out.println("! " + fault));
                out.println(
                        reading.faults().isEmpty()
                                ? "The chain of " + reading.chained() + " is whole."
                                : "The record is not whole.");
            }
            return reading.faults().isEmpty() ? 0 : CommandFailure.FAILED;
        }
    }

    private static void print(AuditRecord record, PrintWriter out) {
        out.println("%6s  %s  %s  %s%s: %s"
                .formatted(
                        record.number() == 0 ? "-" : record.number(),
                        record.time(),
                        record.actor(),
                        record.action(),
                        record.version().map(version -> " " + version).orElse(""),
                        record.result()));
        record.changes().forEach(change -> out.println("        " + change));
    }
}
