package dev.flotilla.controller.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Keys, roots, and who signs. */
class KeysCommandTest extends TypedVerbs {
    @Test
    void keysAreListedChangedAndSignedWithAndPublishingSaysWhatLacks() throws IOException {
        try (var bucket = bucket()) {
            String file = fleet(bucket, "regions { east { nodes { east-1 { address = 192.0.2.1 } } } }")
                    .toString();
            program();
            assertThat(run("keys", "-C", file)).isZero();
            assertThat(out.toString()).contains("There is no root yet");
            assertThat(run("keys", "-C", file, "renew")).isEqualTo(1);
            assertThat(err.toString()).contains("the first publication makes one");
            assertThat(run("publish", "-C", file)).isZero();
            assertThat(run("keys", "-C", file)).isZero();
            assertThat(out.toString())
                    .contains("Root 1 for fleet acme, bucket acme")
                    .contains("timestamp: 1 of 1 key")
                    .contains("acme/trust/root.key");

            assertThat(run("keys", "-C", file, "rotate", "timestamp", "snapshot"))
                    .isZero();
            assertThat(out.toString()).contains("Root 2 is made").contains("flotilla publish");
            Files.delete(folder.resolve("acme/trust/timestamp.key"));
            Files.delete(folder.resolve("acme/trust/snapshot.key"));
            assertThat(run("publish", "-C", file)).isZero();

            assertThat(run("keys", "generate", "root-anna", "--out", path("anna")))
                    .isZero();
            assertThat(run("keys", "generate", "root-anna", "--out", path("anna")))
                    .isEqualTo(1);
            assertThat(err.toString()).contains("no key is overwritten");
            String anna = path("anna/root-anna");
            assertThat(run("keys", "-C", file, "edit", "root", "--add", anna + ".pub", "--threshold", "3"))
                    .isEqualTo(1);
            assertThat(err.toString()).contains("would need 3 keys and have only 2");
            assertThat(run("keys", "-C", file, "--json", "edit", "root", "--add", anna + ".pub", "--threshold", "2"))
                    .isEqualTo(3);
            assertThat(out.toString()).contains("\"result\": \"unsigned\"").contains("3.root.json");
            String staged = path("acme/trust/staged/3.root.json");
            assertThat(run("sign", "--show", staged)).isZero();
            assertThat(out.toString()).contains("root 3 for fleet acme").contains("root      2 of ");
            assertThat(run("sign", staged)).isEqualTo(1);
            assertThat(err.toString()).contains("--key FILE");
            assertThat(run("sign", "--key", anna + ".key", staged)).isZero();
            assertThat(run("publish", "-C", file)).isZero();
            assertThat(run("keys", "-C", file, "--json")).isZero();
            assertThat(out.toString()).contains("\"root\": 3").contains("\"threshold\": 2");
            assertThat(run("keys", "-C", file, "renew")).isEqualTo(3);
            Files.delete(folder.resolve("acme/trust/staged/4.root.json"));
            assertThat(run("keys", "-C", file, "--keys", path("anna"), "renew")).isZero();
            assertThat(run("keys", "-C", file, "rotate", "pilot")).isEqualTo(2);
            String two = Files.writeString(
                            folder.resolve("acme/two.conf"),
                            Files.readString(Path.of(file)) + "flotilla.fleet.trust.wheels-threshold = 2\n")
                    .toString();
            assertThat(run("keys", "-C", two, "rotate", "wheels", "timestamp")).isEqualTo(1);
            assertThat(err.toString()).contains("nothing is changed: the role for wheels needs 2 keys");

            Path targets = Files.move(folder.resolve("acme/trust/targets.key"), folder.resolve("targets.key"));
            Files.writeString(folder.resolve("flotilla-mirror.tar.gz"), "another program");
            assertThat(run("publish", "-C", file)).isEqualTo(3);
            assertThat(out.toString()).contains("Not published yet:").contains("flotilla sign --key KEY");
            assertThat(run("sign", "--key", targets.toString(), path("acme/trust/staged/2.targets.json")))
                    .isZero();
            assertThat(run("publish", "-C", file)).isZero();
            assertThat(out.toString()).contains("Release 2 is published");
        }
    }
}
