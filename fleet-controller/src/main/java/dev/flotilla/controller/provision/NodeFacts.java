package dev.flotilla.controller.provision;

import dev.flotilla.controller.machine.MachineCommand;
import dev.flotilla.vocabulary.Sha256;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a machine has of a node. Equal facts are an equal machine, as far as provisioning goes.
 *
 * @param machine its kind, as {@code uname -m} tells it
 * @param isRoot whether commands run as root there
 * @param user as whom they run
 * @param lacking programs that are needed and aren't there
 * @param installed the id of what is installed; absent where nothing is
 * @param damaged files of it that are missing or have other bytes, at most 20
 * @param files the digests of what is in {@code etc/flotilla}, by name
 * @param archive the digest of the archive that it was installed from
 * @param service how the agent is
 * @param leftover whether something lies there that was brought for a step which was broken off, secrets perhaps
 * @param pending whether it has to be started anew, since what it runs with was changed
 */
public record NodeFacts(
        String machine,
        boolean isRoot,
        String user,
        List<String> lacking,
        Optional<String> installed,
        List<String> damaged,
        Map<String, Sha256> files,
        Optional<Sha256> archive,
        Service service,
        boolean leftover,
        boolean pending) {
    /** Looks and changes nothing. $1 is the root folder. */
    private static final String SCRIPT = """
            r=$1; p=$r/opt/flotilla; c=$p/current
            echo "machine $(uname -m)"
            echo "uid $(id -u)"
            echo "user $(id -un)"
            for x in tar sha256sum gzip sed cut; do command -v $x >/dev/null 2>&1 || echo "lacking $x"; done
            l=$(readlink "$c" 2>/dev/null) && echo "installed ${l##*/}"
            if [ -n "$l" ]; then
                if [ ! -r "$c/SHA256SUMS" ]; then echo "damaged SHA256SUMS"; else
                    echo "sums $(sha256sum <"$c/SHA256SUMS" | cut -c 1-16)"
                    (cd "$c" && sha256sum -c SHA256SUMS 2>/dev/null | grep -v ': OK$' | sed 's/: [^:]*$//; s/^/damaged /' | head -n 20)
                fi
            fi
            for x in agent.conf root.json agent.env tls.pem; do
                [ -f "$r/etc/flotilla/$x" ] && echo "file $x $(sha256sum <"$r/etc/flotilla/$x" | cut -c 1-64)"
            done
            [ -f "$p/archives/flotilla-node.tar.gz" ] && echo "archive $(sha256sum <"$p/archives/flotilla-node.tar.gz" | cut -c 1-64)"
            [ -e "$p/restart-pending" ] && echo pending
            if [ -e "$p/incoming" ] || [ -e "$p/unpacked" ]; then echo leftover; fi
            if [ -x "$c/node-service" ]; then
                s=$("$c/node-service" status 2>/dev/null) && s=running
                echo "service ${s%% *}"
            fi
            echo end
            """;

    /** How the agent is, as {@code node-service status} has it. */
    public enum Service {
        RUNNING,
        /** It is started again and again, and ends each time. */
        FAILING,
        STOPPED;

        private static Service of(String word) {
            return switch (word) {
                case "running" -> RUNNING;
                case "failing" -> FAILING;
                default -> STOPPED;
            };
        }
    }

    public NodeFacts {
        lacking = List.copyOf(lacking);
        damaged = List.copyOf(damaged);
        files = Map.copyOf(files);
    }

    /** What a machine has that was just made. */
    public static NodeFacts bare(String machine) {
        return new NodeFacts(
                machine,
                true,
                "root",
                List.of(),
                Optional.empty(),
                List.of(),
                Map.of(),
                Optional.empty(),
                Service.STOPPED,
                false,
                false);
    }

    static MachineCommand command(String root) {
        return MachineCommand.of("/bin/sh", "-c", SCRIPT, "sh", root);
    }

    /** Reads what the machine answered; {@link IllegalArgumentException} where that is not all of it. */
    static NodeFacts parse(String answer) {
        Map<String, String> single = new HashMap<>();
        List<String> lacking = new ArrayList<>();
        List<String> damaged = new ArrayList<>();
        Map<String, Sha256> files = new HashMap<>();
        answer.lines().forEach(line -> {
            String[] words = line.split(" ", 3);
            String rest = words.length > 1 ? line.substring(words[0].length() + 1) : "";
            switch (words[0]) {
                case "lacking" -> lacking.add(rest);
                case "damaged" -> damaged.add(rest);
                case "file" -> files.put(words[1], new Sha256(words[2]));
                default -> single.put(words[0], rest);
            }
        });
        if (!single.containsKey("end") || !single.containsKey("machine") || !single.containsKey("uid")) {
            throw new IllegalArgumentException("it ends in the middle");
        }
        Optional<String> installed = Optional.ofNullable(single.get("installed"));
        // The list of files is a file, too, and tells what it should be by the name of its folder.
        Optional<String> sums = Optional.ofNullable(single.get("sums"));
        if (sums.isPresent() && !sums.equals(installed)) {
            damaged.add("SHA256SUMS");
        }
        damaged.sort(Comparator.naturalOrder());
        return new NodeFacts(
                single.get("machine"),
                single.get("uid").equals("0"),
                single.getOrDefault("user", ""),
                lacking,
                installed,
                damaged,
                files,
                Optional.ofNullable(single.get("archive")).map(Sha256::new),
                Service.of(single.getOrDefault("service", "")),
                single.containsKey("leftover"),
                single.containsKey("pending"));
    }
}
