# Merges lcov reports of several test runs: a line counts once, covered when any run reached it.
# root: the folder whose projects count, with a slash at the end; goal: per cent.
/^SF:/ {
  file = substr($0, 4)
  counts = index(file, root) == 1
  project = substr(file, length(root) + 1)
  sub(/\/.*/, "", project)
}
counts && /^DA:/ {
  split(substr($0, 4), part, ",")
  key = file ":" part[1]
  if (!(key in hit)) { hit[key] = 0; lines[project]++; total++ }
  if (part[2] > 0 && !hit[key]) { hit[key] = 1; covered[project]++; all++ }
}
END {
  if (total == 0) { print "  nothing was measured"; exit }
  for (project in lines) printf "  %-12s %5.1f %%  (%d of %d lines)\n", project, 100 * covered[project] / lines[project], covered[project], lines[project] | "sort"
  close("sort")
  printf "  %-12s %5.1f %%  (%d of %d lines; the goal is %d %%)\n", "total", 100 * all / total, all, total, goal
}
