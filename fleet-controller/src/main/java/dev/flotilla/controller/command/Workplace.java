package dev.flotilla.controller.command;

import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/**
 * What verbs that change machines, bucket and DNS find where they run.
 *
 * @param programs the folder with the archives of mirror, agent and node for fleets that name no others
 * @param actor who works here, for the lock and the record
 * @param environment may name an SSH agent
 * @param columns how wide the terminal is that the output goes to; absent where it goes to none
 */
public record Workplace(
        Clock clock,
        Supplier<AwsCredentialsProvider> credentials,
        Path programs,
        String actor,
        Map<String, String> environment,
        Optional<Integer> columns) {
    public Workplace {
        environment = Map.copyOf(environment);
    }
}
